# SPDX-License-Identifier: MIT
"""What an engineer on call hears of many alerts at once, of those that come and go, and of silenced ones."""
import json
import os
import time
from itertools import count

import pytest

from daemon import HOST, OURS, Collectd, alerts_block, hub_block, hubs_block

NONE = dict.fromkeys(("critical", "warning", "info", "pending", "silenced", "inhibited"), 0)
LEVEL = {"name": "level", "metric": "*/test/gauge-*", "op": ">", "warning": 5}
NO_WAIT = {"group_wait": "0s"}


class Stage:
    """A daemon with its rules, and values from its socket."""

    def __init__(self, folder, *hubs):
        self.path = folder / "alerts.json"
        self.write()
        blocks = [hub_block(hub.name, hub.url) for hub in hubs]
        self.daemon = Collectd(folder / "collectd", "\n".join([hubs_block(*blocks) if hubs else "", alerts_block(self.path)]),
                               plugins=OURS if hubs else OURS[1:])

    def write(self, *rules, **more):
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"rules": rules, **more}))
        os.replace(fresh, self.path)

    def use(self, *rules, **more):
        before = len(self.daemon.lines("read again"))
        self.write(*rules, **more)
        self.daemon.wait_log("read again", before + 1)

    def put(self, value, instance="a"):
        answer = self.daemon.ask(f'PUTVAL "{HOST}/test/gauge-{instance}" interval=0.2 N:{value}')
        assert answer[0].startswith("0 "), answer

    def told(self):
        self.daemon.poll()
        return [(n["severity"], n["meta"]["rule"][1], n["meta"]["status"][1]) for n in self.daemon.notifications
                if "rule" in n["meta"]]


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path)
    with made.daemon:
        made.daemon.wait_fresh("mcp_hub_alerts/bool-rules_current")
        yield made


@pytest.fixture
def hub(sim):
    made = sim.hub("prod")
    made.fill(0)
    for i in range(12):
        made.add_server(f"server{i}")
    return made


@pytest.fixture
def fleet(tmp_path, hub):
    made = Stage(tmp_path, hub)
    with made.daemon:
        made.daemon.wait_reads(1, "prod")
        yield made


def kill(daemon, hub, names):
    """Dead: uptime 0 in two reads, two seconds of the hub's clock apart."""
    with hub.lock:
        for name in names:
            hub.server(name).kill()
    daemon.wait_read_of(hub, "prod")
    hub.clock.advance(2)


def test_servers_that_die_together_are_one_notice(fleet, hub):
    names = [f"server{i}" for i in range(11)]
    kill(fleet.daemon, hub, names)
    notice = fleet.daemon.wait_notification()[0]
    assert notice["severity"] == "WARNING" and notice["meta"]["alerts"] == ["Signed", 11]
    assert notice["message"].endswith("(and 10 more: server1, server10, server2, …)")
    assert fleet.daemon.alert_counts("prod") == {**NONE, "warning": 11}
    with hub.lock:
        for name in names:
            hub.server(name).reconnect()
    recovery = fleet.daemon.wait_notification(status="resolved")[0]
    assert recovery["severity"] == "OKAY" and recovery["meta"]["alerts"] == ["Signed", 11]
    assert fleet.told() == [("WARNING", "server_dead", "firing"), ("OKAY", "server_dead", "resolved")]


def test_all_servers_down_is_one_notice_and_says_so(fleet, hub):
    names = [f"server{i}" for i in range(12)]
    kill(fleet.daemon, hub, names)
    fleet.daemon.wait_notification(rule="all_servers_down")
    assert fleet.daemon.alert_counts("prod") == {**NONE, "critical": 1, "warning": 12, "inhibited": 12}
    with hub.lock:
        for name in names[1:]:
            hub.server(name).reconnect()
    left = fleet.daemon.wait_notification(rule="server_dead")[0]
    assert "server0" in left["message"] and "alerts" not in left["meta"]
    assert fleet.told() == [("FAILURE", "all_servers_down", "firing"), ("OKAY", "all_servers_down", "resolved"),
                            ("WARNING", "server_dead", "firing")]


def test_an_alert_that_comes_and_goes_is_told_to_flap(stage):
    stage.use(LEVEL, settings=NO_WAIT)
    for i in range(30):
        stage.put(9 if i % 2 == 0 else 1)
        wanted = 1 if i % 2 == 0 else 0
        stage.daemon.wait_fresh("mcp_hub_alerts/mcp_alerts-warning", lambda value, wanted=wanted: value == wanted)
    assert [status for _, _, status in stage.told()] == ["firing", "resolved", "firing", "resolved", "flapping"]


def test_a_silenced_alert_is_counted_and_told_when_the_silence_is_gone(stage):
    silence = {"metric": "*/test/*", "until": "2999-01-01T00:00:00Z", "reason": "load test"}
    stage.use(LEVEL, silences=[silence], settings=NO_WAIT)
    stage.put(9)
    stage.daemon.wait_fresh("mcp_hub_alerts/mcp_alerts-silenced", lambda value: value == 1)
    assert stage.told() == []
    stage.use(LEVEL, settings=NO_WAIT)
    stage.daemon.wait_notification(rule="level", status="firing")
    stage.daemon.wait_fresh("mcp_hub_alerts/mcp_alerts-silenced", lambda value: value == 0)


def test_a_silence_ends_at_its_time(stage):
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    stage.use(LEVEL, silences=[{"rule": "level", "until": until, "reason": "restart"}], settings=NO_WAIT)
    stage.put(9)
    notice = stage.daemon.wait_notification(rule="level")[0]
    assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(notice["time"])) >= until


def test_what_goes_on_is_repeated_where_the_file_says_so(stage):
    stage.use(LEVEL, settings={"group_wait": "0s", "repeat": "1s"})
    stage.put(9)
    notices = stage.daemon.wait_notification(3, rule="level", status="firing")
    assert [n["message"].startswith("Still: ") for n in notices] == [False, True, True]


def test_a_series_that_never_comes_is_told_of_and_so_is_its_coming(stage):
    absent = {"name": "gone", "metric": f"{HOST}/test/gauge-b", "function": "absent", "window": "1s",
              "severity": "critical"}
    stage.use(absent)
    notice = stage.daemon.wait_notification(rule="gone")[0]
    assert notice["severity"] == "FAILURE" and notice["identity"] == "test/gauge-b"
    assert f"no value of {HOST}/test/gauge-b for" in notice["message"]
    for _ in count():
        stage.put(1, "b")
        if stage.daemon.notified(rule="gone", status="resolved"):
            break
        stage.daemon.wait_fresh("mcp_hub_alerts/bool-rules_current")
    assert stage.told()[:2] == [("FAILURE", "gone", "firing"), ("OKAY", "gone", "resolved")]


@pytest.mark.parametrize("no_data, status", [("ok", "resolved"), ("critical", "firing")])
def test_silence_of_a_sender_means_what_the_rule_says(stage, no_data, status):
    stage.use({**LEVEL, "no_data": no_data, "no_data_for": "2s"}, settings=NO_WAIT)
    stage.put(9)
    stage.daemon.wait_notification(rule="level", status="firing")
    last = stage.daemon.wait_notification(2, rule="level")[1]
    assert last["meta"]["status"][1] == status
    assert last["severity"] == ("OKAY" if no_data == "ok" else "FAILURE")


def test_alerts_of_level_info_are_logged_and_counted(stage):
    stage.use({"name": "hint", "metric": "*/test/gauge-*", "op": ">", "info": 5})
    stage.put(9)
    assert "is 9" in stage.daemon.wait_log("hint: ")[0]
    stage.daemon.wait_fresh("mcp_hub_alerts/mcp_alerts-info", lambda value: value == 1)
    assert stage.told() == []
