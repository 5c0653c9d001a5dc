# SPDX-License-Identifier: MIT
"""mcphubctl, the operators' command, against a real collectd: what it shows, its exit statuses, and what it
says when there is nothing to see."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from daemon import BUILD, HOST, PROMPT_RULES, OUR_TYPES, SOURCE, STOCK_TYPES, TIMEOUT, Collectd, alerts_block, hub_block, \
    hubs_block, quote
from documents import shape
from receiver import Receiver

CTL = BUILD / "mcphubctl"
COMMANDS = ("status", "watch", "check", "baseline", "summary", "rules check", "rules replay", "test-notification")
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"}
CLEAR, WARNING, CRITICAL, UNKNOWN = range(4)
NAUGHTY = "\x1b]0;owned\x07\x1b[31m\u202e\x9b2J"


def ctl(*args, status=0, environment=ENVIRONMENT):
    """What it prints; asserts its exit status."""
    ran = subprocess.run([CTL, *map(str, args)], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=TIMEOUT)
    out, err = ran.stdout.decode(), ran.stderr.decode()
    assert ran.returncode == status, f"{out}\n{err}"
    return err if status == UNKNOWN or (status == CRITICAL and args[0] == "rules") else out


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def assert_harmless(text):
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf") for c in text), repr(text)


# ---- a collectd that reads a hub that is well, one that is ill and one that is down ----

RULES = {**json.loads(PROMPT_RULES.read_text()), "silences": [
    {"rule": "llm_success_rate", "metric": "*/mcp_hub-ill/*", "until": "2999-01-01T00:00:00Z",
     "reason": "load test"}]}
RULES["warning"] = {**RULES["warning"], "cpu_percent": 5}
RULES["critical"] = {**RULES["critical"], "cpu_percent": 10}
RULES["rules"] = [*RULES.get("rules", []),
                  {"name": "slow", "metric": "*/mcp_hub-ill/latency-llm_p99", "op": ">", "critical": 1, "for": "1h"},
                  {"name": "flat", "metric": "*/mcp_hub-ill/latency-llm_average", "op": ">", "warning": 1,
                   "inhibited_by": ["circuit_breaker_state"]}]


def with_status(folder, rules, *hubs):
    """The configuration of a daemon in that folder, whose status.json lies there, too."""
    path = folder / "alerts.json"
    path.write_text(json.dumps(rules))
    return (f"{hubs_block(*hubs)}\n<Plugin mcp_hub_alerts>\n  Rules {quote(path)}\n"
            f"  StateFile {quote(folder / 'state')}\n</Plugin>")


class Scene:
    """Hubs, a daemon that reads them, and the status.json of its alert plugin."""

    def __init__(self, daemon, folder):
        self.daemon, self.file = daemon, folder / "status.json"
        self.args = ["-s", daemon.socket, "-S", self.file]

    def ctl(self, *args, **options):
        return ctl(*self.args, *args, **options)

    def alerts(self):
        """What the plugin has written: {(hub, rule): status}."""
        try:
            return {(a["plugin_instance"], a["rule"]): a["status"]
                    for a in json.loads(self.file.read_text())["alerts"]}
        except FileNotFoundError:
            return {}

    def wait(self, alerts):
        self.daemon.wait_until(lambda: alerts.items() <= self.alerts().items(), f"{alerts} in {self.alerts()}")

    def foretell(self, folder, *alerts, **more):
        """Options for a hand-written status.json instead."""
        write_status(folder / "status.json", *alerts, **more)
        return ["-s", self.daemon.socket, "-S", folder / "status.json"]


def alert(rule="server_dead", level="warning", status="firing", hub="ill", host=HOST, **more):
    return {"rule": rule, "level": level, "status": status, "host": host, "plugin": "mcp_hub", "plugin_instance": hub,
            "type": "mcp_server_state", "type_instance": "b", "ds": "value", "value": 5, "threshold": 5,
            "since": time.time() - 60, "message": f"{rule} of {hub}", **more}


def scored(hub="ill", score=55, grade="fair", **more):
    return {"host": HOST, "hub": hub, "score": score, "grade": grade, "availability_1h": 100,
            "availability_24h": 99.95, "error_budget": 50.5, "reasons": [{"points": 30, "why": "1 server is down"}],
            "figures": {"percent-cpu": 1.5, "latency-llm_p95": None}, "day_begin": time.time() - 3600,
            "day": {"percent-cpu": {"average": 6.5, "worst": 9, "worst_at": time.time() - 60, "before": 2}}, **more}


def write_status(path, *alerts, **more):
    status = {"version": 1, "time": time.time(), "rules_current": True, "alerts": list(alerts),
              "hubs": [scored(), scored("well", 100, "excellent", reasons=[])], "incidents": [],
              "thresholds": [{"rule": "cpu_percent", "metric": "*/mcp_hub-*/percent-cpu", "op": ">", "warning": 5}],
              **more}
    path.write_text(json.dumps(status))


TROUBLE = {("ill", "server_dead"): "firing", ("ill", "circuit_breaker_state"): "firing",
           ("ill", "llm_success_rate"): "silenced", ("ill", "flat"): "inhibited", ("ill", "slow"): "pending",
           ("down", "hub_down"): "firing"}


@pytest.fixture(scope="module")
def scene(sim, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scene")
    well, ill = sim.hub("well", shape="documented"), sim.hub("ill", shape="documented", servers=["a", "b", "c"])
    down = sim.hub("down")
    well.llm.call(success=100, latency=700)
    well.cache.ask(hits=95, misses=5)
    ill.llm.call(success=80, failed=20, latency=2400)
    ill.breaker.open()
    ill.server("c").disconnect()
    config = with_status(folder, RULES, *(hub_block(hub.name, hub.url, Interval=2) for hub in (well, ill, down)))
    with Collectd(folder / "collectd", config, speed=8) as daemon:
        made = Scene(daemon, folder)
        daemon.wait_reads_of(["ill", "well", "down"], 2)
        ill.server("b").kill()
        ill.clock.advance(3)
        down.stop()
        made.wait(TROUBLE)
        daemon.wait_value("mcp_hub_alerts-ill/mcp_alerts-critical", lambda count: count > 0)
        daemon.wait_value("mcp_hub_alerts-well/mcp_alerts-critical")
        daemon.wait_until(lambda: "/mcp_hub-down/uptime-" not in "".join(daemon.ask("LISTVAL")), "no old values")
        yield made


def test_a_healthy_hub_is_a_calm_page(scene):
    page = scene.ctl("--hub", "well", "status")
    for fact in ("well  ready on testhost", "100 excellent", "available 100 % of 24 h",
                 "unknown: the number of errors in the log, CPU, memory", "3 of 3 connected", "100 % succeed",
                 "95.0 % hits", "closed", "Alerts     ● none"):
        assert fact in page
    assert not re.search("[▲✖]", page)


def test_a_hub_in_trouble_shows_what_is_wrong_first(scene):
    page = scene.ctl("--hub", "ill", "status")
    for fact in ("fair", "-30  2 servers disconnected or dead", "1 of 3 connected · 1 dead · 1 disconnected",
                 "80.0 % succeed", "p95 2.40 s", "Breaker    open"):
        assert fact in page
    assert "MCP server b of hub ill on testhost is dead" in " ".join(page.split())
    order = ["✖ critical circuit_breaker_state", "▲ warning server_dead", "○ critical llm_success_rate", "✖ b", "▲ c",
             "● a"]
    assert sorted(order, key=page.index) == order
    for rule, status in (("llm_success_rate", "silenced"), ("flat", "inhibited"), ("slow", "pending")):
        assert re.search(rf" {rule}, {status}$", page, re.MULTILINE)


def test_a_moment_is_told_once(scene):
    page = " ".join(scene.ctl("--hub", "down", "status").split())
    assert len(re.findall("since", page)) == 1
    assert len(re.findall("since", scene.ctl("--hub", "down", "check", status=CRITICAL))) == 1


def test_a_hub_that_is_down_is_a_short_page(scene):
    lines = scene.ctl("--hub", "down", "status").splitlines()
    assert lines[0].startswith("✖ down  unreachable on testhost") and len(lines) <= 10
    page = " ".join(" ".join(lines).split())
    assert "50 fair" in page and "-50 the hub is down" in page and "Hub does not answer" in page
    assert "1 critical ✖ critical hub_down MCP hub down on testhost does not answer" in page


def test_several_hubs_are_a_table_of_one_line_each(scene):
    table = scene.ctl("status")
    assert re.search(r"^● well +testhost +ready +100 +3/3 +100 % +700 ms$", table, re.MULTILINE)
    assert re.search(r"^● ill +testhost +ready +\d\d +1/3 +80\.0 % +2\.40 s +\d$", table, re.MULTILINE)
    assert re.search(r"^✖ down +testhost +unreachable +50 +1$", table, re.MULTILINE)
    assert [line.split()[1] for line in table.splitlines()[3:6]] == ["down", "ill", "well"]
    assert len(table.splitlines()) == 8


def test_a_page_without_status_json_says_so_and_shows_the_rest(scene):
    page = ctl("-s", scene.daemon.socket, "-S", "/nonexistent", "--hub", "ill", "status")
    assert "there is no /nonexistent" in page
    assert re.search(r"Alerts +[1-9] critical", page) and "1 of 3 connected" in page


def test_colour_is_for_terminals_that_want_it(scene):
    assert "\033" not in scene.ctl("status")
    run = ["script", "-qec", f"'{CTL}' -s '{scene.daemon.socket}' -S /nonexistent status", "/dev/null"]

    def shown(**more):
        return subprocess.run(run, env={**ENVIRONMENT, **more}, stdin=subprocess.DEVNULL, capture_output=True,
                              check=True).stdout
    assert b"\033[32m" in shown(NO_COLOR="")
    assert b"\033" not in shown(NO_COLOR="1")
    assert b"\033" not in shown(NO_COLOR="", TERM="dumb")


def test_without_utf8_it_is_ascii(scene, tmp_path):
    file = scene.foretell(tmp_path, alert(message="größer"))
    page = ctl(*file, "--hub", "ill", "status", environment={**ENVIRONMENT, "LC_ALL": "C"})
    assert page.isascii() and "gr??er" in page


def test_status_says_where_to_read_what_to_do(scene, tmp_path):
    file = scene.foretell(tmp_path, alert(runbook="https://wiki.example/dead"), alert("server_down"))
    lines = ctl(*file, "--hub", "ill", "status").splitlines()
    after = {line.strip(): following.strip() for line, following in zip(lines, lines[1:])}
    assert after["server_dead of ill"] == "https://wiki.example/dead"
    assert not after["server_down of ill"].startswith("http")


def test_an_alert_of_days_ago_has_its_date(scene, tmp_path):
    at = {"day": time.time() - 3 * 86400, "hour": time.time() - 3600}
    file = scene.foretell(tmp_path, *(alert(rule, since=since) for rule, since in at.items()))
    page = ctl(*file, "--hub", "ill", "status")
    for rule, form in (("day", "%Y-%m-%d %H:%M:%S"), ("hour", "%H:%M:%S")):
        assert f" {rule} since {time.strftime(form, time.gmtime(at[rule]))}\n" in page


# ---- check ----

def test_check_lists_what_counts_then_what_does_not(scene):
    out = scene.ctl("--hub", "ill", "check", status=CRITICAL).splitlines()
    starts = ["critical circuit_breaker_state ill on testhost: ", "warning server_dead ill on testhost: MCP server b ",
              "silenced: critical llm_success_rate ill on testhost: ", "inhibited: warning flat ill on testhost: "]
    found = [next(i for i, line in enumerate(out) if line.startswith(start)) for start in starts]
    assert found == sorted(found) and re.fullmatch("[12] pending", out[-1]) and "clear" not in out
    assert scene.ctl("--hub", "well", "check") == "clear\n"
    made = json.loads(scene.ctl("--hub", "ill", "--json", "check", status=CRITICAL))
    assert {("ill", a["rule"]): a["status"] for a in made["alerts"]}.items() >= \
        {k: v for k, v in TROUBLE.items() if k[0] == "ill"}.items()


def test_counts_are_of_what_counts(scene):
    page = scene.ctl("--hub", "ill", "status")
    made = {hub["hub"]: hub for hub in json.loads(scene.ctl("--json", "status"))["hubs"]}["ill"]
    quiet = [a["rule"] for a in made["alerts"] if a["status"] in ("pending", "silenced", "inhibited")]
    counts = made["alert_counts"]
    assert (counts["silenced"], counts["inhibited"]) == (1, 1) and counts["critical"] == 1
    assert counts["critical"] + counts["warning"] + len(quiet) == len(made["alerts"])
    assert re.search(r"Alerts +1 critical · [1-9] warning · [12] pending · 1 silenced", page)


def test_check_of_nothing_is_no_all_clear(tmp_path):
    write_status(tmp_path / "status.json", hubs=[])
    assert "has seen no hub yet" in ctl("-S", tmp_path / "status.json", "check", status=UNKNOWN)


def test_what_is_not_active_is_dimmed(scene):
    run = ["script", "-qec", f"'{CTL}' -s '{scene.daemon.socket}' -S '{scene.file}' --hub ill check", "/dev/null"]
    out = subprocess.run(run, env={**ENVIRONMENT, "NO_COLOR": ""}, stdin=subprocess.DEVNULL, capture_output=True).stdout
    lines = out.decode().split("\r\n")
    faint = re.compile(r"(\x1b\[2m[^\x1b]*\x1b\[0m)+")
    dimmed = [bool(faint.fullmatch(line)) for line in lines if line]
    assert dimmed == sorted(dimmed) and True in dimmed and False in dimmed, lines


def test_check_is_no_all_clear_as_soon_as_collectd_has_died(collectd, sim, tmp_path):
    hub = sim.hub("prod")
    daemon = collectd(with_status(tmp_path, {}, hub_block("prod", hub.url))).start()
    made = Scene(daemon, tmp_path)
    daemon.wait_reads(1, "prod")
    daemon.wait_until(lambda: made.file.exists() and json.loads(made.file.read_text())["hubs"], "a hub in status.json")
    made.ctl("check")
    daemon.kill()
    said = made.ctl("check", status=UNKNOWN)
    assert "cannot tell whether all is clear: collectd is not running" in said
    assert "error" in json.loads(subprocess.run([CTL, *map(str, made.args), "--json", "check"], capture_output=True,
                                                env=ENVIRONMENT).stdout)
    assert "there is no socket" in ctl("-s", tmp_path / "none", "-S", made.file, "check", status=UNKNOWN)


@pytest.mark.parametrize("alerts, status", [
    ([], CLEAR),
    ([alert(level="info")], CLEAR),
    ([alert()], WARNING),
    ([alert(status="clearing")], WARNING),
    ([alert(status="flapping")], WARNING),
    ([alert(), alert("hub_down", "critical")], CRITICAL),
    ([alert("hub_down", "critical", "pending"), alert(status="silenced"), alert(status="inhibited")], CLEAR),
    ([alert("hub_down", "critical", hub="well")], CLEAR),  # another hub
])
def test_check_exits_with_the_worst_active_alert(tmp_path, alerts, status):
    file = tmp_path / "status.json"
    write_status(file, *alerts)
    out = ctl("-S", file, "--hub", "ill", "check", status=status)
    active = [a for a in alerts if a["plugin_instance"] == "ill" and a["status"] in ("firing", "clearing", "flapping")]
    lines = [line for line in out.splitlines() if re.match("critical|warning|info", line)]
    assert len(lines) == len(active)
    for status_word in ("clearing", "flapping"):
        assert out.count(f"({status_word})") == sum(a["status"] == status_word for a in active)
    assert ("clear" in out.splitlines()) == (not active)
    made = json.loads(ctl("-S", file, "--hub", "ill", "--json", "check", status=status))
    assert made["exit"] == status


def test_check_says_when_older_rules_are_in_force(tmp_path):
    write_status(tmp_path / "status.json", rules_current=False)
    assert "rejected" in ctl("-S", tmp_path / "status.json", "check")


def test_check_without_status_json_cannot_tell_but_counts(scene):
    said = ctl("-s", scene.daemon.socket, "-S", "/nonexistent/status.json", "check", status=UNKNOWN)
    assert "there is no /nonexistent/status.json" in said and "LoadPlugin mcp_hub_alerts" in said
    assert re.search(r"collectd counts [1-9]\d* critical and \d+ warning", said)


@pytest.mark.parametrize("text, said", [
    (json.dumps({"version": 1, "time": time.time() - 3600, "alerts": []}), "1 h"),
    (json.dumps({"version": 2, "time": time.time()}), "not a status of the alert plugin"),
    (json.dumps({"version": 1, "alerts": []}), "old"),
    ('{"version":1,"ti', "not a status of the alert plugin"),
    ("", "not a status of the alert plugin"),
    ("[" * 100000, "not a status of the alert plugin"),
], ids=["stale", "of another version", "without a time", "half", "empty", "deep"])
def test_a_status_json_that_is_stale_or_none_is_no_all_clear(tmp_path, text, said):
    file = tmp_path / "status.json"
    file.write_text(text)
    assert said in ctl("-s", "/nonexistent", "-S", file, "check", status=UNKNOWN)


def test_check_knows_the_hubs_there_are(tmp_path):
    file = tmp_path / "status.json"
    write_status(file)
    said = ctl("-S", file, "--hub", "prod", "check", status=UNKNOWN)
    assert '"prod"' in said and "ill on testhost, well on testhost" in said


def test_odd_types_in_status_json_are_survived(tmp_path):
    file = tmp_path / "status.json"
    write_status(file, alert(message=None, since="x", value=[]), 5, None, "x", [], hubs={}, incidents=[1, None])
    ctl("-S", file, "check", status=WARNING)
    ctl("-S", file, "summary")


# ---- baseline, summary ----

def test_baseline_compares_with_the_targets(scene):
    out = scene.ctl("--hub", "well", "baseline", "-d", "1")
    assert re.search(r"● LLM success +100 % +100 % +at least 95.0 %", out)
    assert re.search(r"– CPU +unknown", out)
    made = json.loads(scene.ctl("--hub", "ill", "--json", "baseline", "-d", "0.5", status=CRITICAL))
    figures = made["hubs"][0]["figures"]
    assert figures["llm_success_rate"]["verdict"] == "critical"
    assert figures["p95_latency"]["verdict"] == "warning"
    assert figures["p99_latency"]["verdict"] == "critical"  # by the rule "slow"
    assert figures["up"]["verdict"] == "ok"
    assert figures["cpu_percent"] == {"mean": None, "worst": None, "warning": 5, "critical": 10, "verdict": "unknown"}


def test_pages_baseline_and_advice_judge_by_the_rules_in_force(sim, collectd, tmp_path):
    hubs = [sim.hub(name, shape="documented") for name in ("prod", "lab")]
    for hub in hubs:
        hub.llm.call(success=100, latency=800)
    rules = {"warning": {"p95_latency": 500}, "rules": [
        {"name": "p95_latency", "metric": "*/mcp_hub-prod/latency-llm_p95"},
        {"name": "lab_latency", "metric": "/mcp_hub-l.*latency-llm_p95/", "op": ">", "warning": 1, "critical": 3}]}
    daemon = collectd(with_status(tmp_path, rules, *(hub_block(hub.name, hub.url) for hub in hubs))).start()
    made = Scene(daemon, tmp_path)
    made.wait({("prod", "p95_latency"): "firing"})
    daemon.wait_reads(2, "lab")
    prod, lab = (made.ctl("--hub", name, "baseline", "-d", "0.1", status=status)
                 for name, status in (("prod", WARNING), ("lab", CLEAR)))
    assert re.search(r"▲ LLM latency, p95 +800 ms +800 ms +at most 500 ms", prod)
    assert re.search(r"● LLM latency, p95 +800 ms +800 ms +at most 1.00 s", lab)
    assert "Targets" not in prod + lab
    figure = json.loads(made.ctl("--hub", "lab", "--json", "baseline", "-d", "0.1"))["hubs"][0]["figures"]
    assert {key: figure["p95_latency"][key] for key in ("warning", "critical", "verdict")} == \
        {"warning": 1, "critical": 3, "verdict": "ok"}
    run = ["script", "-qec", f"'{CTL}' -s '{daemon.socket}' -S '{made.file}' --hub prod status", "/dev/null"]
    page = subprocess.run(run, env={**ENVIRONMENT, "NO_COLOR": ""}, stdin=subprocess.DEVNULL, capture_output=True).stdout
    assert b"\033[33mp95 800 ms" in page
    advice = made.ctl("--hub", "prod", "summary")
    assert "- LLM latency, p95, on average 800 ms: the LLM answers slowly" in advice
    assert "the LLM answers slowly" not in made.ctl("--hub", "lab", "summary")


def test_baseline_without_status_json_has_only_built_in_targets_and_says_so(feed):
    feed("prod", {"bool-up": 0, "latency-llm_p95": 60})
    said = ctl("-s", feed.socket, "-S", "/nonexistent", "baseline", "-d", "0.1", status=CRITICAL)
    assert re.search(r"✖ Up +no +no +yes", said) and re.search("● LLM latency, p95 +60 s +60 s +$", said, re.MULTILINE)
    assert "Targets are only those of the built-in rules: there is no /nonexistent" in " ".join(said.split())
    made = json.loads(ctl("-s", feed.socket, "-S", "/nonexistent", "--json", "baseline", "-d", "0.1", status=CRITICAL))
    assert "there is no /nonexistent" in made["missing"]


def test_baseline_of_a_hub_with_a_server_down_is_not_clear(feed):
    feed("prod", {"bool-up": 1, "percent-servers_down": 50, "mcp_server_state-a": 0, "mcp_server_state-b": 5})
    said = ctl("-s", feed.socket, "-S", "/nonexistent", "baseline", "-d", "0.1", status=WARNING)
    assert re.search(r"▲ Servers down +50.0 % +50.0 % +0 %", said)


def test_baseline_shows_a_terminal_how_far_it_is_and_then_only_the_figures(scene):
    run = ["script", "-qec", f"'{CTL}' -s '{scene.daemon.socket}' --hub well baseline -d 0.6", "/dev/null"]
    out = subprocess.run(run, env={**ENVIRONMENT, "NO_COLOR": "1"}, stdin=subprocess.DEVNULL, capture_output=True,
                         check=True).stdout.decode()
    drawn, page = out.rsplit("\r\x1b[K", 1)
    assert re.fullmatch("\rmeasuring ░{40} 0 of 1 s\x1b\\[K(\rmeasuring █{40} 1 of 1 s\x1b\\[K)+",
                        drawn.replace("\r\x1b[K", ""))
    assert "LLM success" in page and "measuring" not in page


def test_baseline_of_a_period_is_not_the_rate_since_the_start(feed):
    feed("prod", {"bool-up": 1, "percent-llm_success": 50})
    now = time.time()
    for at, success, failed in ((now - 10, 1000, 1000), (now, 1099, 1001)):
        feed.put("prod", "total_operations-llm_success", success, at=at)
        feed.put("prod", "total_operations-llm_failed", failed, at=at)
    made = json.loads(ctl("-s", feed.socket, "--json", "baseline", "-d", "0.1"))
    assert made["hubs"][0]["figures"]["llm_success_rate"]["mean"] == pytest.approx(99, abs=0.01)


def test_summary_is_the_report_of_the_day_so_far(sim, collectd, tmp_path):
    hub = sim.hub("prod", shape="documented")
    hub.llm.call(success=80, failed=20, latency=2400)
    daemon = collectd(with_status(tmp_path, RULES, hub_block("prod", hub.url))).start()
    made = Scene(daemon, tmp_path)
    daemon.wait_until(lambda: ("prod", "llm_success_rate") in made.alerts(), "an alert")
    out = made.ctl("summary")
    assert out.startswith("# MCP hubs on testhost\n")
    for fact in ("## Hub prod: score 100 of 100, excellent", "- CPU is unknown", "Up for 100 % of the last hour",
                 "| warning | p95\\_latency |", "still open", "| LLM latency, p95 | 2.4 s | 2.4 s | 2.4 s |",
                 "- LLM success, on average 80 %: LLM calls fail"):
        assert fact in out, out
    assert "Nothing" not in out and "nan" not in out
    written = json.loads(made.ctl("--json", "summary"))
    assert written["hubs"][0]["day"]["percent-llm_success"]["average"] == 80
    assert "llm_success_rate" in {i["rule"] for i in written["incidents"]}


def test_summary_of_many_hosts_is_a_report_for_each(tmp_path):
    file = tmp_path / "status.json"
    write_status(file, hubs=[scored("a", host="h1"), scored("b", host="h1"), scored("a", host="h2")])
    out = ctl("-S", file, "summary")
    assert re.findall("^# .*", out, re.MULTILINE) == ["# MCP hubs on h1", "# MCP hubs on h2"]
    assert "2 hubs." in out and "1 hub." in out
    assert "## Hub b" not in ctl("-S", file, "--hub", "a", "summary")
    write_status(file, hubs=[])
    assert "no hub yet" in ctl("-S", file, "summary")


def test_summary_is_markdown_that_names_cannot_break(tmp_path):
    file = tmp_path / "status.json"
    incident = {**alert("hub_down", "critical"), "identity": "x", "begin": time.time() - 600, "end": None,
                "message": "| <b>*x*</b> " + NAUGHTY}
    write_status(file, alert(), incidents=[incident])
    out = ctl("-S", file, "--hub", "ill", "summary")
    assert_harmless(out)
    assert "## Hub ill: score 55 of 100, fair" in out and "## Hub well" not in out
    assert "- 30 points off: 1 server is down" in out and "99.95 % of the last 24 hours" in out
    assert re.search(r"\| 10 min 0 s, still open \| critical \| hub\\_down \| \\\| &lt;b\\>\\\*x\\\*", out), out
    assert re.search(r"\| CPU \| 1\.5 % \| 6\.5 % \| 9 % \| .* \| 2 % \| up 4\.5 points \|", out)
    assert "- CPU, on average 6.5 %: " in out
    assert json.loads(ctl("-S", file, "--json", "summary"))["incidents"][0]["rule"] == "hub_down"


# ---- what is not there ----

def test_each_absence_has_its_own_words_and_exit_status_3(tmp_path, collectd):
    said = ctl("-s", tmp_path / "none", "status", status=UNKNOWN)
    assert "there is no socket" in said and "systemctl restart collectd" in said
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left"))
    assert "collectd is not running" in ctl("-s", tmp_path / "left", "status", status=UNKNOWN)
    with collectd("", plugins=[], recorder=False) as daemon:
        daemon.ask("LISTVAL")
        said = ctl("-s", daemon.socket, "status", status=UNKNOWN)
        assert "has no values of mcp_hub" in said and "LoadPlugin mcp_hub" in said
    assert "longer than" in ctl("-s", "x" * 200, "status", status=UNKNOWN)


def test_a_hub_that_is_not_there_is_told_from_those_that_are(scene):
    said = scene.ctl("--hub", "prod", "status", status=UNKNOWN)
    assert 'there is no hub "prod"' in said and "well on testhost" in said
    assert 'no hubs of host "h"' in scene.ctl("-H", "h", "status", status=UNKNOWN)
    assert "error" in json.loads(subprocess.run([CTL, *map(str, scene.args), "--hub", "prod", "--json", "status"],
                                                capture_output=True, env=ENVIRONMENT).stdout)


def test_a_collectd_that_hangs_is_not_waited_for(collectd):
    daemon = collectd("", plugins=[], recorder=False).start()
    daemon.ask("LISTVAL")
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        assert "does not answer" in ctl("-s", daemon.socket, "status", status=UNKNOWN)
        assert "does not answer" in ctl("-s", daemon.socket, "-H", "h", "test-notification", status=UNKNOWN)
    finally:
        daemon.kill()  # woken, its unixsock plugin could be unloaded while it still serves those connections


def test_a_collectd_that_stops_answering_midway_is_no_page_of_unknowns(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()

        def serve():
            with server.accept()[0] as client:
                client.recv(100)
                client.sendall(b"1 Value found\n1 h/mcp_hub-prod/bool-up\n")
                while client.recv(100):
                    pass  # a GETVAL, never answered
        thread = threading.Thread(target=serve)
        thread.start()
        assert "does not answer" in ctl("-s", tmp_path / "socket", "status", status=UNKNOWN)
        thread.join()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
def test_who_may_not_is_told_who_may():
    with tempfile.TemporaryDirectory() as folder:  # others can get at it, unlike tmp_path
        folder = Path(folder)
        folder.chmod(0o755)
        program = shutil.copy(CTL, folder)
        (folder / "status.json").touch(0o600)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(folder / "socket"))
            (folder / "socket").chmod(0o600)
            server.listen()
            for option, name, said in (("-s", "socket", "member of group root"), ("-S", "status.json", "permission")):
                ran = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, option,
                                      folder / name, "status" if option == "-s" else "check"],
                                     env=ENVIRONMENT, capture_output=True, text=True)
                assert ran.returncode == UNKNOWN and said in ran.stderr


@pytest.mark.parametrize("args", [["stats"], [], ["status", "x"], ["rules"], ["rules", "check"], ["-q", "status"],
                                  ["status", "-n", "5"], ["watch", "-n", "0"], ["watch", "-n", "soon"], ["-s"],
                                  ["rules", "replay", "x"], ["test-notification", "loud"]])
def test_wrong_usage_is_no_all_clear(args):
    assert subprocess.run([CTL, *args], env=ENVIRONMENT, capture_output=True).returncode == UNKNOWN


def test_more_files_of_types_than_there_may_be_are_refused():
    many = ["rules", "replay", "x", "--csv", "y", *["-T", "z"] * 17]
    assert "--types: at most 16 files" in ctl(*many, status=UNKNOWN)
    assert "at most" not in ctl(*many[:-2], status=UNKNOWN)


# ---- hostile names ----

class Feed:
    """A collectd without plugins of ours: values come in over its socket."""

    def __init__(self, daemon):
        self.daemon, self.socket = daemon, daemon.socket

    def put(self, hub, identity, value, at=None):
        """Until it is known: threads of collectd's bring what the socket took to where it is asked for."""
        name, at = f"{HOST}/mcp_hub-{hub}/{identity}", f"{time.time() if at is None else at:.3f}"
        answer = self.daemon.ask(f'PUTVAL "{name}" interval=1000 {at}:{value}')
        assert answer[0].startswith("0 "), answer
        listed = f"{at} {name}\n".replace('\\"', '"').replace("\\\\", "\\")
        self.daemon.wait_until(lambda: listed in self.daemon.ask("LISTVAL"), listed)

    def __call__(self, hub, values):
        for identity, value in values.items():
            self.put(hub, identity, value)


@pytest.fixture
def feed(collectd):
    return Feed(collectd("", plugins=[], recorder=False).start())


def test_a_hub_that_does_not_answer_is_a_short_page(feed):
    feed("prod", {"bool-up": 0, "mcp_hub_state": 8})
    lines = ctl("-s", feed.socket, "-S", "/nonexistent", "status").splitlines()
    assert lines[0].startswith("✖ prod  unreachable on testhost") and lines[2] == "Hub        does not answer"
    assert len(lines) == 5 and all(lines)


def test_memory_is_a_column_where_that_of_servers_is_known(feed):
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "mcp_server_state-a": 0})
    args = ["-s", feed.socket, "-S", "/nonexistent", "status"]
    assert re.search(" uptime +tools$", ctl(*args), re.MULTILINE)
    feed("prod", {"ps_rss-a": 5 << 20})
    assert re.search(" uptime +tools +memory\n.* a +connected +5.0 MiB$", ctl(*args), re.MULTILINE)


def test_hostile_names_reach_no_terminal_and_move_no_column(feed, tmp_path):
    file = tmp_path / "status.json"
    evil = "e\x1b[31m" + NAUGHTY.replace("/", "")
    servers = {"日本語サーバー": 0, "e" + "\u0301" * 20: 5, evil: 4, "x" * 62: 0, "y" * 120: 3}
    feed(evil, {"bool-up": 1, "mcp_hub_state": 0, **{f"mcp_server_state-{k}": v for k, v in servers.items()},
                **{f"uptime-{k}": 5 for k in servers}, **{f"mcp_server_tools-{k}": 5 for k in servers}})
    write_status(file, alert(NAUGHTY, hub=evil, status=NAUGHTY, message=NAUGHTY * 9),
                 alert(NAUGHTY, hub=evil, message=NAUGHTY * 9),
                 hubs=[scored(evil, grade=NAUGHTY, reasons=[{"points": 1, "why": NAUGHTY}], figures={NAUGHTY: 1})])
    args = ["-s", feed.socket, "-S", file]
    page = ctl(*args, "status")
    assert all(columns(line) <= 80 for line in page.splitlines())
    connected = [line[:line.index("connected")] for line in page.splitlines() if re.search(r" connected .*5$", line)]
    assert len(connected) == 2 and columns(connected[0]) == columns(connected[1]), page
    for out in (page, ctl(*args, "check", status=WARNING), ctl(*args, "summary"), ctl(*args, "--json", "status"),
                ctl(*args, "--json", "check", status=WARNING), ctl(*args, "--hub", "b\x1b[1m", "status", status=3),
                ctl(*args, "baseline", "-d", "0.1")):
        assert_harmless(out)
    assert evil in [hub["hub"] for hub in json.loads(ctl(*args, "--json", "status"))["hubs"]]


def test_names_of_every_length_and_script_are_asked_for(feed):
    servers = {"y" * 120: "connected", "y" * 119: "dead", "café": "disconnected", 'a "b\\c': "connecting"}
    states = {"connected": 0, "connecting": 2, "disconnected": 4, "dead": 5}
    for name, state in servers.items():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        feed("prod", {"bool-up": 1, "mcp_server_state-" + quoted: states[state]})
    assert json.loads(ctl("-s", feed.socket, "--json", "status"))["hubs"][0]["servers"] == servers


# ---- a terminal ----

class Terminal:
    """A command in a tmux of its own."""

    def __init__(self, folder, *command, width=80, height=50):
        self.tmux = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self.run("new-session", "-d", "-x", str(width), "-y", str(height), "-e", "LC_ALL=C.UTF-8",
                 f"{' '.join(map(str, command))}; echo ended with $?; cat")

    def run(self, *args):
        return subprocess.run([*self.tmux, *args], env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout

    def screen(self):
        return self.run("capture-pane", "-p").rstrip("\n").splitlines()

    def wait(self, condition):
        end = time.monotonic() + TIMEOUT
        while not condition(seen := self.screen()):
            assert time.monotonic() < end, "\n".join(seen)
            time.sleep(0.05)
        return seen

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("kill-server")


def has(text):
    return lambda screen: any(text in line for line in screen)


def test_watch_refreshes_in_place_and_leaves_the_terminal_as_it_was(feed, tmp_path):
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "queue_length-llm": 7})
    with Terminal(tmp_path, CTL, "-s", feed.socket, "-S", "/nonexistent", "watch", "-n", "0.2") as terminal:
        first = terminal.wait(has("7 waiting"))
        feed("prod", {"queue_length-llm": 4321})
        second = terminal.wait(has("4,321 waiting"))
        assert sum("prod" in line for line in second) == 1 and "prod" in second[0] and len(second) == len(first)
        assert all(columns(line) <= 80 for line in second)
        feed("prod", {"queue_length-llm": 5})
        terminal.wait(lambda screen: "Queue      5 waiting" in screen)
        terminal.run("resize-window", "-x", "40", "-y", "5")
        terminal.wait(lambda screen: len(screen) == 5 and "too small" in screen[-1])
        assert all(columns(line) <= 40 for line in terminal.screen())
        terminal.run("resize-window", "-x", "80", "-y", "50")
        terminal.wait(has("5 waiting"))
        terminal.run("send-keys", "C-c")
        assert terminal.wait(has("ended with")) == ["ended with 0"]
        assert terminal.run("display-message", "-p", "#{cursor_flag} #{alternate_on}").split() == ["1", "0"]


def test_watch_leaves_the_terminal_to_others_while_it_is_suspended(feed, tmp_path):
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "queue_length-llm": 7})

    def modes(terminal):
        return terminal.run("display-message", "-p", "#{cursor_flag} #{alternate_on}").split()
    with Terminal(tmp_path, "bash", "--norc", "-i") as terminal:
        for key in ("C-z", "C-\\"):
            terminal.run("send-keys", f"{CTL} -s {feed.socket} -S /nonexistent watch -n 0.2", "Enter")
            terminal.wait(has("7 waiting"))
            assert modes(terminal) == ["0", "1"]
            terminal.run("send-keys", key)
            terminal.wait(has("Stopped" if key == "C-z" else "watch -n 0.2"))
            assert modes(terminal) == ["1", "0"]
            if key == "C-z":
                terminal.run("send-keys", "fg", "Enter")
                terminal.wait(has("7 waiting"))
                assert modes(terminal) == ["0", "1"]
                terminal.run("send-keys", "C-c")
                terminal.wait(lambda screen: not has("7 waiting")(screen))


def test_watch_goes_on_where_no_shell_could_continue_it(feed, tmp_path):
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "queue_length-llm": 7})
    with Terminal(tmp_path, CTL, "-s", feed.socket, "-S", "/nonexistent", "watch", "-n", "0.2") as terminal:
        terminal.wait(has("7 waiting"))
        terminal.run("send-keys", "C-z")
        feed("prod", {"queue_length-llm": 8})
        terminal.wait(has("8 waiting"))


def test_watch_goes_on_while_collectd_is_away(collectd, tmp_path):
    daemon = collectd("", plugins=[], recorder=False).start()
    Feed(daemon)("prod", {"bool-up": 1, "queue_length-llm": 7})
    with Terminal(tmp_path, CTL, "-s", daemon.socket, "-S", "/nonexistent", "watch", "-n", "0.2") as terminal:
        terminal.wait(has("7 waiting"))
        daemon.stop()
        gone = terminal.wait(has("there is no socket"))
        assert not has("7 waiting")(gone)
        daemon.start()
        Feed(daemon)("prod", {"bool-up": 1, "queue_length-llm": 8})
        terminal.wait(has("8 waiting"))


def test_a_page_in_a_terminal_has_no_line_that_wraps(scene, tmp_path):
    file = scene.foretell(tmp_path, alert(message="word " * 50), alert(message="w" * 250))
    for width in (80, 50, 30):
        (tmp_path / str(width)).mkdir()
        with Terminal(tmp_path / str(width), CTL, *file, "--hub", "ill", "status", width=width,
                      height=80) as terminal:
            screen = terminal.wait(has("ended with 0"))
        printed = ctl(*file, "--hub", "ill", "status")
        assert width < 80 or len(screen) == len(printed.splitlines()) + 1
        assert sum("Breaker" in line for line in screen) == 1


def test_all_figures_of_a_hub_in_trouble_fit_a_small_terminal(feed, tmp_path):
    states = {f"server-{i:02}": 4 if i == 3 else 5 if i == 7 else 0 for i in range(26)}
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "percent-llm_success": 80, "cache_ratio-llm": 70,
                  "queue_length-llm": 60, "mcp_breaker_state": 2, "ps_rss-hub": 1e8, "file_size-log": 1e6,
                  **{f"mcp_server_state-{name}": state for name, state in states.items()}})
    write_status(tmp_path / "status.json", alert(hub="prod"), alert("server_down", hub="prod"))
    with Terminal(tmp_path, CTL, "-s", feed.socket, "-S", tmp_path / "status.json", "watch", height=24) as terminal:
        screen = terminal.wait(has("too small"))
    for fact in ("server_dead", "server_down", "80.0 % succeed", "60 waiting", "open", "Process", "Log",
                 "24 of 26 connected", "✖ server-07", "▲ server-03"):
        assert has(fact)(screen), fact


def test_watch_moves_no_cursor_where_the_terminal_cannot(feed, tmp_path):
    feed("prod", {"bool-up": 1, "mcp_hub_state": 0, "queue_length-llm": 7})
    with Terminal(tmp_path, "TERM=dumb", CTL, "-s", feed.socket, "-S", "/nonexistent", "watch", "-n", "0.1") as terminal:
        terminal.wait(lambda screen: sum("7 waiting" in line for line in screen) >= 2)
        terminal.run("send-keys", "C-c")
        terminal.wait(has("ended with 0"))


# ---- rules ----

def test_rules_check_counts_or_names_file_line_and_path(tmp_path):
    assert re.match(r"\d+ rules", ctl("rules", "check", PROMPT_RULES))
    assert json.loads(ctl("rules", "check", "--json", PROMPT_RULES))["rules"] >= 9
    bad = tmp_path / "bad.json"
    bad.write_text('{ "rules": [\n { "name": "x", "metric": "*/load/load", "op": ">", "warning": 1,\n "for": "5x" } ] }')
    said = ctl("rules", "check", bad, status=CRITICAL)
    assert re.search(rf"{bad}:3: rules\[0\]\.for: ", said)
    assert "No such file" in ctl("rules", "check", tmp_path / "none", status=UNKNOWN)


LOAD_RULE = {"name": "load", "metric": "*/load/load", "ds": "shortterm", "op": ">", "warning": 4, "for": "20s"}
ERRORS_RULE = {"name": "errors", "metric": "*/mcp_hub-*/errors-http", "op": ">", "critical": 1}
START = 1795219200  # 2026-11-21 00:00 UTC


def recorded(folder, identity, day, header, rows):
    path = folder / f"{identity}-{day}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([f"epoch,{header}", *(",".join(map(str, row)) for row in rows), ""]))


@pytest.fixture
def recording(tmp_path):
    """Load that rises over midnight, and a counter that grows by 5 a second for a while."""
    data = tmp_path / "data"
    load = [(START - 100 + 10 * i, 5 if 6 <= i < 15 else 1, 9, 9) for i in range(30)]
    recorded(data, "h/load/load", "2026-11-20", "shortterm,midterm,longterm", load[:10])
    recorded(data, "h/load/load", "2026-11-21", "shortterm,midterm,longterm", load[10:])
    count = [0]
    for i in range(1, 30):
        count.append(count[-1] + (50 if 5 <= i < 8 else 1))
    recorded(data, "h/mcp_hub-a-b/errors-http", "2026-11-20", "value",
             [(f"{START - 100 + 10 * i}.250", n) for i, n in enumerate(count[:10])])
    recorded(data, "h/mcp_hub-a-b/errors-http", "2026-11-21", "value",
             [(f"{START - 100 + 10 * i}.250", n) for i, n in enumerate(count[10:], 10)])
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [LOAD_RULE, ERRORS_RULE]}))
    return rules, data


def test_replay_tells_what_would_have_fired_in_order_of_time(recording):
    rules, data = recording
    events = json.loads(ctl("rules", "replay", rules, "--csv", data, "-T", STOCK_TYPES, "--json"))
    assert [(e["time"] - START, e["rule"], e["level"]) for e in events] == [
        (-48.75, "errors", "critical"), (-19, "load", "warning"), (-18.75, "errors", "ok"), (51, "load", "ok")]
    assert events[0]["value"] == 5 and events[0]["plugin_instance"] == "a-b"
    assert events[1]["ds"] == "shortterm" and events[1]["since"] == START - 40
    lines = ctl("rules", "replay", rules, "--csv", data, "-T", STOCK_TYPES).splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["2026-11-20", "23:59:11", "critical"], ["2026-11-20", "23:59:41", "warning"],
        ["2026-11-20", "23:59:41", "ok"], ["2026-11-21", "00:00:51", "ok"]]


def test_replay_takes_counters_that_were_stored_as_rates(tmp_path):
    recorded(tmp_path / "data", "h/mcp_hub-a/errors-http", "2026-11-21", "value", [(START, 0), (START + 10, 2.5)])
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [ERRORS_RULE]}))
    run = ["rules", "replay", rules, "--csv", tmp_path / "data", "-T", STOCK_TYPES, "--json"]
    assert [e["value"] for e in json.loads(ctl(*run, "--rates"))] == [2.5]
    assert json.loads(ctl(*run)) == []


def test_replay_of_a_single_file_is_the_series_it_is_told(tmp_path):
    (tmp_path / "rows").write_text("timestamp,value\n2026-11-21 00:00:00,1\n1795219210,5\n")
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [{**LOAD_RULE, "ds": None, "for": "0"}]}).replace('"ds": null, ', ""))
    run = ["rules", "replay", rules, "--csv", tmp_path / "rows", "--json", "-T", STOCK_TYPES]
    events = json.loads(ctl(*run, "--series", "h/load/load"))
    assert [(e["time"], e["level"], e["host"]) for e in events] == [(START + 11, "warning", "h")]
    assert json.loads(ctl(*run)) == []


def test_replay_says_which_regular_expression_takes_too_long(tmp_path):
    recorded(tmp_path / "data", "h" * 40 + "b/load/load", "2026-11-21", "value", [(START, 0)])
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [{"name": "odd", "metric": "/^(h|h)*lo/", "op": ">", "info": 1}]}))
    said = subprocess.run([BUILD / "mcphubctl", "rules", "replay", rules, "--csv", tmp_path / "data", "-T", STOCK_TYPES],
                          capture_output=True, text=True)
    assert said.returncode == 0
    assert said.stderr.startswith('rule "odd": its regular expression takes too long on hhh')


def replayed(tmp_path, rules, files, *options):
    """What is told of the recorded files, {identity: rows}: (seconds, rule, level, status, alerts) each."""
    for identity, (header, rows) in files.items():
        recorded(tmp_path / "data", identity, "2026-11-21", header, [(START + at, *values) for at, *values in rows])
    (tmp_path / "alerts.json").write_text(json.dumps(rules))
    notices = json.loads(ctl("rules", "replay", tmp_path / "alerts.json", "--csv", tmp_path / "data", "-T",
                             STOCK_TYPES, "--json", *options))
    return [(n["time"] - START, n["rule"], n["level"], n["status"], n["alerts"]) for n in notices]


HOT = {"name": "hot", "metric": "*/*/temperature-*", "op": ">", "warning": 80}


def test_replay_groups_inhibits_and_silences_by_recorded_time(tmp_path):
    hot = {f"{host}/{plugin}/temperature-{i}": ("value", [(0, 50), (10, 90), (20, 50)])
           for host, plugin, i in [("a", "sensors", 0), ("a", "sensors", 1), ("b", "sensors", 0), ("c", "sensors", 0)]}
    fan = {"c/sensors/fanspeed-0": ("value", [(0, 900), (10, 0), (20, 0)])}
    rules = {"rules": [{**HOT, "inhibited_by": ["fan"]},
                       {"name": "fan", "metric": "*/*/fanspeed-*", "op": "<", "critical": 100}],
             "silences": [{"metric": "b/*/*", "until": "2026-11-21T01:00:00Z", "reason": "known"},
                          {"metric": "a/*/*", "until": "2026-11-21T00:00:05Z", "reason": "over"}]}
    assert replayed(tmp_path, rules, hot | fan) == [
        (11, "hot", "warning", "firing", 2), (11, "fan", "critical", "firing", 1), (21, "hot", "ok", "resolved", 2)]


def test_replay_tells_once_of_what_flaps_and_once_how_that_ends(tmp_path):
    values = [(10 * i, 90 if i % 2 and i < 40 else 50) for i in range(100)]
    told = replayed(tmp_path, {"rules": [HOT]}, {"a/sensors/temperature-0": ("value", values)})
    assert [(rule, status) for _, rule, _, status, _ in told].count(("hot", "flapping")) == 1
    assert told[-1][2:4] == ("ok", "resolved") and told[-1][0] > 400 and len(told) <= 6


def test_replay_sees_what_does_not_come(tmp_path):
    rules = {"rules": [{"name": "gone", "metric": "a/sensors/temperature-0", "function": "absent", "op": ">=",
                        "warning": 60},
                       {"name": "never", "metric": "a/sensors/temperature-9", "function": "absent", "op": ">=",
                        "warning": 100},
                       {**HOT, "no_data": "critical"}]}
    files = {"a/sensors/temperature-0": ("value", [(0, 50), (10, 50), (300, 50), (310, 50), (320, 50)])}
    assert replayed(tmp_path, rules, files) == [
        (41, "hot", "critical", "firing", 1), (71, "gone", "warning", "firing", 1),
        (101, "never", "warning", "firing", 1), (301, "gone", "ok", "resolved", 1), (301, "hot", "ok", "resolved", 1)]


def test_replay_of_a_single_file_of_the_csv_plugin_has_all_its_data_sources(tmp_path):
    recorded(tmp_path, "x/if_octets", "2026-11-21", "rx,tx",
             [(START, 0, 0), (START + 10, 50, 900), (START + 20, 990, 910)])
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [{"name": "busy", "metric": "*/*/if_octets-*", "op": ">", "warning": 80}]}))
    notices = json.loads(ctl("rules", "replay", rules, "--csv", tmp_path / "x" / "if_octets-2026-11-21", "--series",
                             "h/interface/if_octets-eth0", "-T", STOCK_TYPES, "--json"))
    assert [(n["time"] - START, n["ds"], n["level"], n["value"]) for n in notices] == [
        (11, "tx", "warning", 90), (21, "tx", "ok", 1), (21, "rx", "warning", 94)]


def test_scores_find_the_odd_row_and_cannot_tell_of_the_first(tmp_path):
    rows = [(START + 300 * i, 50 + i % 7 if i != 1500 else 500) for i in range(2000)]
    path = tmp_path / "rows"
    path.write_text("timestamp,value\n" + "".join(f"{time},{value}\n" for time, value in rows))
    scores = json.loads(ctl("rules", "replay", "--scores", "--csv", path, "--json"))
    assert [s["time"] for s in scores] == [time for time, _ in rows]
    assert scores[0]["score"] is None
    assert [s["time"] for s in scores if (s["score"] or 0) >= 0.5] == [START + 300 * 1500]
    lines = ctl("rules", "replay", "--scores", "--csv", path).splitlines()
    assert lines[:2] == ["timestamp,score", "2026-11-21 00:00:00,nan"] and len(lines) == 2001
    assert float(lines[1501].split(",")[1]) == scores[1500]["score"]
    path.write_text("1,2\nx,3\n")
    assert "line 2" in ctl("rules", "replay", "--scores", "--csv", path, status=UNKNOWN)
    assert "FILE, or --scores" in ctl("rules", "replay", "--csv", path, status=UNKNOWN)


@pytest.mark.parametrize("text, said", [("time,value\n1,2\n", ":1: expected a header"),
                                        ("epoch,value\n1,2\nx,3\n", ":3: expected epoch seconds"),
                                        ("epoch,value\n1,2\n3\n", ":3: expected 1 numbers"),
                                        ("epoch\n1\n", ":1: expected a data source")])
def test_replay_names_file_and_line_of_what_it_cannot_read(tmp_path, text, said):
    path = tmp_path / "data" / "h" / "load" / "load-2026-11-21"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    error = ctl("rules", "replay", PROMPT_RULES, "--csv", tmp_path / "data", "-T", STOCK_TYPES, status=UNKNOWN)
    assert f"load-2026-11-21{said}" in error
    (tmp_path / "rows").write_text("1,2\n2,x\n")
    assert "line 2" in ctl("rules", "replay", PROMPT_RULES, "--csv", tmp_path / "rows", "-T", STOCK_TYPES,
                           status=UNKNOWN)
    (tmp_path / "empty").mkdir()
    assert "no files" in ctl("rules", "replay", PROMPT_RULES, "--csv", tmp_path / "empty", "-T", STOCK_TYPES,
                             status=UNKNOWN)
    assert "empty: Is a directory" in ctl("rules", "replay", PROMPT_RULES, "--csv", tmp_path / "data", "-T",
                                          tmp_path / "empty", status=UNKNOWN)


def test_replay_of_what_the_csv_plugin_wrote_gives_the_notices_of_that_time(sim, collectd, tmp_path):
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"warning": {"active_clients": 2}}))
    hub = sim.hub("live")
    config = (f'{hubs_block(hub_block("live", hub.url))}\n{alerts_block(rules)}\n'
              f'<Plugin csv>\n  DataDir "{tmp_path / "data"}"\n</Plugin>')
    with collectd(config, stock=["csv"]) as daemon:
        daemon.wait_reads(1, "live")
        hub.clients = 3
        daemon.wait_notification(rule="active_clients", severity="WARNING")
        hub.clients = 1
        daemon.wait_notification(rule="active_clients", severity="OKAY")
        daemon.wait_reads(1, "live")
    events = json.loads(ctl("rules", "replay", rules, "--csv", tmp_path / "data", "-T", STOCK_TYPES, "-T", OUR_TYPES,
                            "--json"))
    told = daemon.notified()
    assert [(e["rule"], e["value"]) for e in events] == [(n["meta"]["rule"][1], n["meta"]["value"][1]) for n in told]


# ---- test-notification ----

@pytest.mark.parametrize("level, severity", [("critical", "FAILURE"), (None, "WARNING"), ("info", "OKAY")])
def test_a_test_notice_comes_out_of_every_sink_marked(scene, level, severity):
    assert "took a test notice" in scene.ctl("test-notification", *([level] if level else []))
    notice = scene.daemon.wait_notification(plugin="mcp_hub_alerts", type="test", severity=severity)[0]
    assert notice["message"].startswith("TEST ") and notice["host"] == HOST
    assert notice["meta"]["rule"][1] == "test" and notice["meta"]["level"][1] == (level or "warning")


def test_a_test_notice_gets_to_every_webhook_and_others_to_none(collectd, tmp_path):
    with Receiver() as plain, Receiver() as manager:
        daemon = collectd("\n".join([
            "<Plugin mcp_hub_alerts>",
            f'  <Webhook "plain">\n    URL {quote(plain.url)}\n    Format "json"',
            '    MinSeverity "critical"\n  </Webhook>',
            f'  <Webhook "manager">\n    URL {quote(manager.url)}\n    Format "alertmanager"',
            "    Resend 60\n  </Webhook>",
            f"  Rules {quote(PROMPT_RULES)}", "</Plugin>"]), plugins=["mcp_hub_alerts"]).start()
        daemon.wait_fresh("mcp_hub_alerts/bool-rules_current")  # the socket may be there before the plugin
        for plugin, kind in (("mcp_hub_alerts", "tests"), ("mcp_hub", "test"), ("mcp_hub_alerts", "")):
            daemon.ask(f'PUTNOTIF severity=failure time={time.time():.0f} host=h plugin={plugin} '
                       + (f"type={kind} " if kind else "") + 'message="TEST of another"')
        ctl("-s", daemon.socket, "-H", HOST, "test-notification", "info")
        told = plain.wait_delivered(1)[0]
        alerts = manager.wait_delivered(1)[0]
        ctl("-s", daemon.socket, "-H", "elsewhere", "test-notification", "critical")
        again = plain.wait_delivered(2)[1]
    assert (told["status"], told["rule"], told["level"], told["host"]) == ("test", "test", "info", HOST)
    assert told["plugin"] == "mcp_hub_alerts" and told["type"] == "test" and told["value"] is None
    assert told["message"].startswith("TEST of level info by mcphubctl")
    assert (again["level"], again["host"]) == ("critical", "elsewhere")
    assert [(a["labels"]["alertname"], a["labels"]["severity"]) for a in alerts] == [("test", "info")]
    assert alerts[0]["annotations"]["summary"] == told["message"]
    lasts = datetime.fromisoformat(alerts[0]["endsAt"]) - datetime.fromisoformat(alerts[0]["startsAt"])
    assert lasts.total_seconds() == 180


def test_a_test_notice_as_json(scene):
    assert json.loads(scene.ctl("--json", "-H", 'a"b', "test-notification")) == {
        "sent": True, "host": "a_b", "level": "warning"}


# ---- JSON, help, manual ----

def test_status_json_has_every_value(scene):
    made = {hub["hub"]: hub for hub in json.loads(scene.ctl("--json", "status"))["hubs"]}
    ill = made["ill"]
    assert ill["servers"] == {"a": "connected", "b": "dead", "c": "disconnected"}
    assert ill["state"] == "ready" and ill["score"] <= 70 and ill["up"] is True
    assert {a["rule"] for a in ill["alerts"]} > {"server_dead", "slow"} and made["well"]["alerts"] == []
    assert ill["health"]["hub"] == "ill" and made["down"]["up"] is False
    assert set(ill["values"]) == {name.split("/")[1] for name in scene.daemon.identities("mcp_hub-ill")}


def test_watch_json_is_a_line_a_look(scene):
    with subprocess.Popen([CTL, *map(str, scene.args), "--json", "watch", "-n", "0.1"], stdout=subprocess.PIPE,
                          env=ENVIRONMENT) as watch:
        looks = [json.loads(watch.stdout.readline()) for _ in range(2)]
        watch.send_signal(signal.SIGINT)
        watch.stdout.read()
    assert watch.returncode == 0 and all(len(look["hubs"]) == 3 for look in looks)


def test_watch_json_says_at_each_look_that_it_cannot():
    with subprocess.Popen([CTL, "-s", "/nonexistent", "--json", "watch", "-n", "0.1"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=ENVIRONMENT) as watch:
        looks = [json.loads(watch.stdout.readline()) for _ in range(2)]
        watch.send_signal(signal.SIGINT)
        watch.communicate()
    assert watch.returncode == 0 and all(look["error"].startswith("there is no socket") for look in looks)


def test_json_is_ascii_and_valid_whatever_is_told():
    name = "/none/日😀".encode() + b"\xff\xe6"
    ran = subprocess.run([CTL, "--json", "rules", "check", name], env=ENVIRONMENT, capture_output=True)
    assert ran.stdout.isascii()
    assert json.loads(ran.stdout)["error"] == "/none/日😀\ufffd\ufffd: No such file or directory"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_of_80_columns(command):
    out = ctl(*command.split(), "--help")
    assert "--json" in out and all(len(line) <= 80 for line in out.splitlines())
    assert not command or f"] ... {command}" in out.replace("]...", "] ...")


def test_the_manual_is_clean_and_has_every_command_and_option():
    page = SOURCE / "man" / "mcphubctl.1"
    ran = subprocess.run(["groff", "-Tutf8", "-mandoc", "-ww", "-z", page], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    text = page.read_text().replace("\\-", "-")
    for command in COMMANDS:
        assert f"Cm {command}" in text
        for option in re.findall(r"--([a-z-]+)", ctl(*command.split(), "--help")):
            assert f"Fl -{option}" in text, option


def test_the_manual_shows_what_is_said_of_a_hub_that_is_down(scene):
    page = (SOURCE / "man" / "mcphubctl.1").read_text().replace("\\-", "-")
    shown = re.search(r"^critical hub_down .*", page, re.MULTILINE)[0].replace("lab", "down")
    assert shape(shown) == shape(scene.ctl("--hub", "down", "check", status=CRITICAL))


def test_version():
    assert re.fullmatch(r"mcphubctl \d+\.\d+\.\d+\n", ctl("--version"))
