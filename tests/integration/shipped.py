# SPDX-License-Identifier: MIT
"""The alerts.json that is installed, and a copy of it for the impatient."""
import json
import re

from daemon import SHIPPED_RULES

DURATIONS = ("for", "clear_for", "window", "no_data_for")
OWN = {"connection_flaps": {"window": "10m"}, "log_growth_mb_per_hour": {"window": "1h"}}
LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def shipped():
    return json.loads(SHIPPED_RULES.read_text())


def seconds(text):
    return sum(int(number) * LENGTHS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


def quicker(times, longest):
    """Every duration divided by `times`, at least a second; "for" and "clear_for" at most `longest` seconds.

    Also those that rules known by name have of their own (src/rules/builtin_rules.c), and the one threshold
    that is a time: the uptime of hub_crash_loop.
    """
    made = shipped()
    rules = [{**OWN.get(rule["name"], {}), **rule} for rule in made["rules"]] + [{"name": "server_down", "for": "2m"}]
    for rule in rules:
        for key in rule.keys() & set(DURATIONS):
            most = longest if key.endswith("for") else float("inf")
            rule[key] = f"{round(max(1, min(seconds(rule[key]) / times, most)))}s"
        if rule["name"] == "hub_crash_loop":
            rule["warning"] /= times
    return {**made, "rules": rules}
