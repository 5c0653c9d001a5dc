# SPDX-License-Identifier: MIT
"""Processes that are stopped and go on: collectd itself, and what it sends to."""
import json
import signal
import socket
import sys
import time
from collections import Counter

import pytest

from background import Program, free_port
from daemon import HOST, Collectd, alerts_block, hub_block, hubs_block
from hubsim import HEALTH
from stores import example
from test_graphite import Carbon
from test_influxdb import Influxd

WINDOW = PATIENCE = 4  # seconds without a value that make an alert, and without an answer
PAUSE = PATIENCE + 2  # seconds: beyond every deadline here
RULES = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "gone", "metric": f"{HOST}/mcp_hub-prompt/bool-up", "function": "absent", "window": f"{WINDOW}s", "severity": "critical"},
    {"name": "busy", "metric": "*/mcp_hub-*/current_connections-mcp", "op": ">", "warning": 5, "for": "1h"},
    {"name": "held", "metric": "*/mcp_hub-*/current_connections-mcp", "op": ">", "warning": 2, "for": "2s",
     "no_data": "critical", "no_data_for": f"{WINDOW}s"}]}


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "alerts.json"
    path.write_text(json.dumps(RULES))
    return path


def test_a_collectd_that_was_stopped_tells_nothing_of_hubs_that_were_well(sim, rules, tmp_path):
    """Their answers had come, nobody was there to take them: no timeout, no silence, no burst."""
    late, prompt = sim.hub("late"), sim.hub("prompt")
    late.fault("slow", path=HEALTH, delay=0.5)
    prompt.clients = 9  # pending for an hour, and firing
    blocks = hubs_block(*(hub_block(name, hub.url, Interval=PATIENCE)
                          for name, hub in (("late", late), ("prompt", prompt))))
    with Collectd(tmp_path / "collectd", blocks + "\n" + alerts_block(rules), speed=PATIENCE) as collectd:
        collectd.wait_reads_of(["late", "prompt"], 2)
        collectd.wait_notification(rule="held")
        for _ in range(2):
            late.wait_for_more(1, HEALTH)
            collectd.process.send_signal(signal.SIGSTOP)
            time.sleep(PAUSE)
            collectd.process.send_signal(signal.SIGCONT)
            collectd.wait_reads_of(["late", "prompt"], 3)
        assert collectd.lines('hub "') == []
        for hub in ("late", "prompt"):
            assert {r.values["bool-up"] for r in collectd.complete(hub)} == {1}
            stamps = [r.time for r in collectd.complete(hub)]
            assert len(stamps) == len(set(stamps))
        assert [n["meta"]["rule"][1] for n in collectd.notifications] == ["held"]
        counts = collectd.alert_counts("prompt")
        assert counts["pending"] == 1 and counts["warning"] == 1 and counts["critical"] == 0
        prompt.clients = 0
        collectd.wait_notification(rule="held", severity="OKAY")


# sinks

RECEIVE = """
import json, sys
sys.path[:0] = sys.argv[2:]
sys.stderr = open(sys.argv[1], "w", buffering=1)  # of clients that went away; not in the middle of a post
from receiver import Receiver
with Receiver() as receiver:
    print(receiver.url, flush=True)
    shown = 0
    while True:
        with receiver.news:
            receiver.news.wait_for(lambda: len(receiver.posts) > shown)
            posts, shown = receiver.posts[shown:], len(receiver.posts)
        for post in posts:
            print(json.dumps(post.json), flush=True)
"""
TELLING = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "busy", "metric": "*/mcp_hub-*/current_connections-mcp", "op": ">", "warning": 5}]}


class Sink(Program):
    """A webhook's other end that can be stopped."""

    def __init__(self, folder):
        super().__init__(folder, [sys.executable, "-B", "-c", RECEIVE, f"{folder}.errors", *sys.path])
        self.url = self.wait(lambda: self.lines("http"), "ready")[0]

    def lines(self, start):
        """Complete ones."""
        return [line for line in self.log.read_text().split("\n")[:-1] if line.startswith(start)]

    def told(self):
        return [(post["rule"], post["level"], post["status"]) for post in map(json.loads, self.lines("{"))]


def test_sinks_that_are_stopped_killed_and_back_hold_up_nobody_and_miss_no_notice(sim, tmp_path):
    hub = sim.hub("prod")
    (tmp_path / "alerts.json").write_text(json.dumps(TELLING))
    ports = free_port(), free_port(socket.SOCK_DGRAM)
    with Sink(tmp_path / "sink") as sink, Sink(tmp_path / "patient") as patient, \
            Carbon(tmp_path / "carbon", ports[0]) as carbon, Influxd(tmp_path / "influx", ports[1]) as influx:
        hooks = "".join(f'  <Webhook "{name}">\n    URL "{end.url}"\n    Timeout {seconds}\n  </Webhook>\n'
                        for name, end, seconds in (("sink", sink, 1), ("patient", patient, 300)))
        config = "\n".join([
            hubs_block(hub_block("prod", hub.url)),
            alerts_block(tmp_path / "alerts.json").replace("</Plugin>", hooks + "</Plugin>"),
            example("graphite", {"2003": ports[0]}), example("influxdb", {"25826": ports[1]})])

        def busy(clients, severity, count=1):
            """The hub is read and collectd's own sinks are told, whatever the others do."""
            hub.clients = clients
            collectd.wait_notification(count, rule="busy", severity=severity)

        with Collectd(tmp_path / "collectd", config, whole_stacks=False) as collectd:
            collectd.wait_reads(2, "prod")
            for end in (sink, patient, carbon, influx):
                end.process.send_signal(signal.SIGSTOP)
            busy(9, "WARNING")
            collectd.wait_log('webhook "sink": .*no complete answer.*next try in')
            busy(0, "OKAY")
            for end in (carbon, influx):
                end.process.kill()
            collectd.wait_reads(2, "prod")
            for end in (sink, patient):
                end.process.send_signal(signal.SIGCONT)
            collectd.wait_log('webhook "sink": .*works again')
            collectd.wait_value("mcp_hub_alerts/total_events-notices_sent", lambda sent: sent >= 2 + 2 * 2)
            patient.wait(lambda: len(patient.told()) >= 2, "both notices")
            assert {r.values["bool-up"] for r in collectd.complete("prod")} == {1}
            assert collectd.lines('hub "prod"') == []
            fired, ended = ("busy", "warning", "firing"), ("busy", "ok", "resolved")
            assert patient.told() == [fired, ended], "once each"
            sink.wait(lambda: ended in sink.told(), "the last notice")
            assert Counter(sink.told()).keys() == {fired, ended}, "and what waited, in any order"
            assert len(collectd.lines('webhook "sink"')) == 2
            assert collectd.lines('webhook "patient"') == []
            for end in (sink, patient):
                end.process.send_signal(signal.SIGSTOP)
            busy(9, "WARNING", 2)
            collectd.stop()
