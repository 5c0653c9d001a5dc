# SPDX-License-Identifier: MIT
"""The Grafana dashboards as they are shipped, and their queries as Grafana sends them."""
import json
import re
import sys

from daemon import HOST, SOURCE

FOLDER = SOURCE / "graphs" / "grafana"
sys.path.append(str(FOLDER))

import panels  # noqa: E402

NAMES = ("overview", "hub", "server", "alerts")


def dashboard(store, name):
    return json.loads((FOLDER / store / f"{name}.json").read_text())


def regex(value):
    """Grafana's format ${name:regex}."""
    return re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value)


def filled(text, **variables):
    """With the dashboard's variables in their places."""
    return re.sub(r"\$\{(host|hub|server):(raw|regex)\}",
                  lambda found: {"raw": str, "regex": regex}[found[2]](variables[found[1]]), text)


def queries(store, name):
    """(title, text) of each query of each panel."""
    for panel in dashboard(store, name)["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target.get("expr") or target.get("query") or target["target"]


def variable(store, name, variable_name):
    """The query that lists what a variable can be, and the regular expression for what comes."""
    made = next(v for v in dashboard(store, name)["templating"]["list"] if v["name"] == variable_name)
    return made["query"], made["regex"].strip("/")


def shows(query, identity, hub, server):
    """Is this value of collectd's among those that a query of the table asks for?"""
    head, tail = identity.split("/")
    plugin, _, its_hub = head.partition("-")
    kind, _, instance = tail.partition("-")
    wanted = {panels.SERVER: (server,), panels.EACH: (instance or None,)}.get(
        query.instance, query.instance if isinstance(query.instance, tuple) else (query.instance,))
    return ((plugin, kind) == (query.plugin, query.type) and instance in wanted
            and (not its_hub if query.own else bool(its_hub) if query.across else its_hub == hub))


def wrong(store, ask, dispatched, hubs, server="github"):
    """The queries that do not give a line for each of the values that they are about, and how many they give.

    `ask` gives the values of a query as {legend: [value, ...]}; `hubs` are {name: name in the store}."""
    found = []
    for table in panels.DASHBOARDS:
        asked = [query for panel in table.panels if isinstance(panel, panels.Panel) for query in panel.queries]
        for query, (title, text) in zip(asked, queries(store, table.name), strict=True):
            for hub, stored in hubs.items():
                lines = sum(map(bool, ask(filled(text, host=HOST, hub=stored, server=server)).values()))
                there = sum(shows(query, identity, hub, server) for _, identity in dispatched)
                if lines != (min(there, 1) if query.fold else there):
                    found.append(f"{table.name}, {hub}: {title}: {lines} lines of {there} values: {text}")
    return found
