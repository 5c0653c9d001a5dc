# SPDX-License-Identifier: MIT
"""alerts.json is edited while collectd runs: good edits count at once, bad ones never."""
import json
import os

import pytest

from daemon import HOST, Powerless, alerts_block, hub_block, hubs_block

OWN = "mcp_hub_alerts/bool-rules_current"
CLIENTS = "mcp_hub-prod/current_connections-mcp"


class Rules:
    """The file, written as an operator or a tool would."""

    def __init__(self, path):
        self.path = path

    def write(self, text):
        """In place and in one piece: a reader sees the old or the new text."""
        text = text if isinstance(text, str) else json.dumps(text)
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(file, text.ljust(os.fstat(file).st_size).encode())
        os.close(file)

    def replace(self, text):
        """By a new file under the old name."""
        new = self.path.with_suffix(".new")
        Rules(new).write(text)
        os.replace(new, self.path)


def more_clients_than(warning, **more):
    return {"warning": {"active_clients": warning}, **more}


@pytest.fixture
def rules(tmp_path):
    made = Rules(tmp_path / "alerts.json")
    made.write(more_clients_than(5))
    return made


@pytest.fixture
def hub(sim):
    made = sim.hub("prod")
    made.clients = 3
    return made


@pytest.fixture
def daemon(hub, rules, tmp_path):
    config = hubs_block(hub_block("prod", hub.url)) + "\n" + alerts_block(rules.path)
    with Powerless(tmp_path / "collectd", config) as made:
        made.wait_reads(1, "prod")
        made.wait_value(OWN, lambda current: current == 1)
        assert made.notifications == []
        yield made


def told(daemon):
    return [(n["severity"], n["identity"], n["meta"]["rule"][1] if "rule" in n["meta"] else None)
            for n in daemon.notifications]


ALERT = ("WARNING", CLIENTS, "active_clients")
OVER = ("OKAY", CLIENTS, "active_clients")
REJECTED = ("WARNING", OWN, None)
ACCEPTED = ("OKAY", OWN, None)


def settle(daemon):
    """Two ticks of the alert plugin and a read of the hub later."""
    daemon.alert_counts("prod")
    daemon.wait_reads(1, "prod")
    return told(daemon)


@pytest.mark.parametrize("how", ["write", "replace"])
def test_an_edit_is_active_without_a_restart(daemon, rules, how):
    getattr(rules, how)(more_clients_than(2))
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    assert daemon.alert_counts("prod")["warning"] == 1
    assert settle(daemon) == [ALERT]
    assert daemon.notifications[0]["meta"]["threshold"] == ["float", 2.0]


def test_a_broken_edit_keeps_the_good_rules_and_warns_once(daemon, hub, rules):
    rules.write('{ "warning": {\n  "active_clients": "two" } }')
    warning, = daemon.wait_notification(severity="WARNING", identity=OWN)
    assert warning["host"] == HOST
    assert str(rules.path) in warning["message"] and "line 2: warning.active_clients:" in warning["message"]
    daemon.wait_value(OWN, lambda current: current == 0)
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    rules.write('{ "warning": {')
    daemon.wait_log("not JSON")
    hub.clients = 5
    daemon.wait_notification(severity="OKAY", rule="active_clients")
    assert daemon.last(OWN) == 0
    assert settle(daemon) == [REJECTED, ALERT, OVER]
    assert len(daemon.lines("mcp_hub_alerts: .*warning.active_clients")) == 1, "said once, not each interval"
    assert len(daemon.lines("mcp_hub_alerts: .*not JSON")) == 1
    rules.write(more_clients_than(4))
    daemon.wait_notification(severity="OKAY", identity=OWN)
    daemon.wait_value(OWN, lambda current: current == 1)
    daemon.wait_notification(2, severity="WARNING", rule="active_clients")
    assert settle(daemon) == [REJECTED, ALERT, OVER, ACCEPTED, ALERT]


def test_a_removed_file_leaves_its_rules_in_force(daemon, hub, rules):
    kept = rules.path.read_text()
    rules.path.unlink()
    daemon.wait_notification(severity="WARNING", identity=OWN)
    daemon.wait_value(OWN, lambda current: current == 0)
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    assert settle(daemon) == [REJECTED, ALERT]
    assert len(daemon.lines("mcp_hub_alerts: .*cannot be read")) == 1
    rules.write(kept)
    daemon.wait_notification(severity="OKAY", identity=OWN)
    daemon.wait_value(OWN, lambda current: current == 1)
    assert settle(daemon) == [REJECTED, ALERT, ACCEPTED], "the alert goes on, nobody is told again"


def test_a_half_written_file_is_waited_for(daemon, hub, rules):
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    text = json.dumps(more_clients_than(4, critical={"active_clients": 10}), indent=1)
    rules.write(text[:len(text) // 2])
    daemon.wait_notification(severity="WARNING", identity=OWN)
    rules.write(text)
    daemon.wait_notification(severity="OKAY", identity=OWN)
    hub.clients = 11
    failure, = daemon.wait_notification(severity="FAILURE", rule="active_clients")
    assert failure["meta"]["threshold"] == ["float", 10.0]
    assert settle(daemon) == [ALERT, REJECTED, ACCEPTED, ("FAILURE", *ALERT[1:])]


def of_100_mb(path):
    path.touch()
    os.truncate(path, 100_000_000)


PLACES = {  # how to make what is in the place of the file, and what is said
    "a pipe": (os.mkfifo, "expected a regular file"),
    "a folder": (os.mkdir, "expected a regular file"),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), "expected a regular file"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "cannot be read: No such file"),
    "unreadable": (lambda path: path.touch(0o000), "cannot be read: Permission denied"),
    "100 MB": (of_100_mb, "larger than the allowed 4 MiB"),
    "empty": (lambda path: path.touch(), "line 1: "),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 100), "line 1: "),
}


@pytest.mark.parametrize("name", PLACES)
def test_whatever_is_in_the_place_of_the_file_is_said_once_and_its_rules_stay(daemon, hub, rules, tmp_path, name):
    make, said = PLACES[name]
    kept, new = rules.path.read_text(), tmp_path / "new"
    make(new)
    if new.is_dir():
        rules.path.unlink()
    os.rename(new, rules.path)
    daemon.wait_until(lambda: [n for n in daemon.notified(severity="WARNING", identity=OWN) if said in n["message"]], said)
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    assert settle(daemon)[-1] == ALERT and daemon.last(OWN) == 0
    assert len(daemon.lines(f"mcp_hub_alerts: {rules.path}: .*{said}")) == 1
    assert len(daemon.notified(identity=OWN)) == 1
    if rules.path.is_dir():
        rules.path.rmdir()
    rules.replace(kept)
    daemon.wait_notification(severity="OKAY", identity=OWN)
    assert settle(daemon) == [REJECTED, ALERT, ACCEPTED]


def test_a_file_that_is_replaced_again_and_again_is_never_seen_in_halves(daemon, hub, rules):
    hub.clients = 6
    for number in range(1000):  # each whole, some of them long
        rules.replace(json.dumps(more_clients_than(7 + number)) + " " * (number % 7) * 10_000)
    rules.replace(more_clients_than(5))
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    assert settle(daemon) == [ALERT], "and no edit was rejected"


def test_an_alert_goes_on_through_edits_that_leave_its_rule(daemon, hub, rules):
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    rules.replace({"warning": {"active_clients": 5, "queue_depth": 10}})
    daemon.wait_log("read again")
    assert settle(daemon) == [ALERT]
    assert daemon.alert_counts("prod")["warning"] == 1
    rules.replace({"warning": {"active_clients": 4}})
    daemon.wait_log("read again", 2)
    assert settle(daemon) == [ALERT], "still too many, nothing new to say"
    rules.replace({"warning": {"active_clients": 6}})
    daemon.wait_notification(severity="OKAY", rule="active_clients")
    assert settle(daemon) == [ALERT, OVER]


def test_an_alert_whose_rule_is_taken_out_ends(daemon, hub, rules):
    hub.clients = 6
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    rules.replace({})
    daemon.wait_notification(severity="OKAY", rule="active_clients")
    assert settle(daemon) == [ALERT, OVER]
    assert daemon.alert_counts("prod")["warning"] == 0


def test_a_rule_of_ones_own_and_a_changed_built_in_one(daemon, hub, rules):
    rules.replace({"rules": [
        {"name": "server_down", "for": "1s", "runbook": "https://example.com/down"},
        {"name": "server_dead", "enabled": False},
        {"name": "too_many_tools", "metric": "*/mcp_hub-*/mcp_capabilities-tools", "op": ">=", "critical": 36,
         "message": "{plugin_instance} offers {value} tools"}]})
    failure, = daemon.wait_notification(severity="FAILURE", rule="too_many_tools")
    assert failure["message"] == "prod offers 36 tools"
    hub.server("memory").disconnect()
    warning, = daemon.wait_notification(severity="WARNING", rule="server_down")
    assert warning["identity"] == "mcp_hub-prod/mcp_server_state-memory"
    assert warning["meta"]["value"] == ["float", 4.0]
    assert warning["meta"]["runbook"] == ["str", "https://example.com/down"]
    assert "runbook" not in failure["meta"]
    hub.server("memory").connect()
    daemon.wait_notification(severity="OKAY", rule="server_down")
    hub.server("github").kill()
    daemon.wait_reads(1, "prod")
    hub.clock.advance(3)
    daemon.wait_value("mcp_hub-prod/mcp_server_state-github", lambda state: state == 5)
    settle(daemon)
    assert daemon.notified(rule="server_dead") == []


def test_the_values_of_other_plugins_are_judged_too(daemon, rules):
    rules.replace({"rules": [{"name": "running", "metric": "*/uptime/uptime", "op": ">", "info": 0, "warning": 1}]})
    warning, = daemon.wait_notification(rule="running")
    assert (warning["severity"], warning["host"], warning["identity"]) == ("WARNING", HOST, "uptime/uptime")
    assert daemon.alert_counts("")["warning"] == 1
    assert daemon.alert_counts("prod")["warning"] == 0


def test_a_regular_expression_that_takes_too_long_is_told_by_its_rules_name_and_holds_nothing_up(daemon, rules):
    rules.write({"rules": [
        {"name": "odd", "metric": "/^(.|.)*mm/", "op": ">", "warning": 0},
        {"name": "many", "metric": r"/\/current_\w+?-(?!x)\w{3}$/", "op": ">", "warning": 2}]})
    daemon.wait_notification(severity="WARNING", identity=CLIENTS)
    said = "rule \"odd\": its regular expression takes too long on .*; treated as no match"
    daemon.wait_log(said)
    assert settle(daemon) == [("WARNING", CLIENTS, "many")]
    assert len(daemon.lines(said)) == 1
