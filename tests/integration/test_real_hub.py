# SPDX-License-Identifier: MIT
"""The real hub, mcp-hub from npm, with real MCP servers as its children."""
import http.server
import os
import signal
import subprocess
import threading
from contextlib import contextmanager
from itertools import pairwise

import pytest

from daemon import PROMPT_RULES, HOST, Collectd, alerts_block, hub_block, hubs_block
from documents import block
from npmhub import NpmHub, server, values_of


@pytest.fixture(scope="module")
def hub(npm, tmp_path_factory):
    """Each test leaves it as it was."""
    folder = tmp_path_factory.mktemp("hub")
    allowed = folder / "files"
    allowed.mkdir()
    servers = {"everything": server("server-everything"), "filesystem": server("server-filesystem", allowed),
               "memory": server("server-memory"), "ghost": {"command": "/nonexistent/ghost", "args": []},
               "off": {"command": "node", "args": ["off.js"], "disabled": True}}
    with NpmHub(folder / "hub", servers) as made:
        yield made


def watch(hub, folder, **options):
    return Collectd(folder / "collectd", write_threads=5, speed=10, config="\n".join([
        hubs_block(hub_block("npm", hub.url, **options)), alerts_block(PROMPT_RULES)]))


def test_every_value_is_what_the_hub_says(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 1)
        before = values_of(hub.health())
        read = collectd.wait_reads(2, "npm")[1]
        after = values_of(hub.health())
        assert 0 < read.pop("response_time-health") < 60
        assert read.keys() == before.keys()
        uptimes = {name for name in before if name.startswith("uptime-")}
        assert {name: (before[name], read[name], after[name]) for name in uptimes
                if not before[name] <= read[name] <= after[name]} == {}
        assert {n: v for n, v in read.items() if n not in uptimes} == pytest.approx(
            {n: v for n, v in before.items() if n not in uptimes}, abs=0)
        # A few figures that the reference above could have computed away.
        assert read["mcp_servers-connected"] == 3 and read["mcp_servers-total"] == 5
        assert read["mcp_server_state-ghost"] == 4 and read["mcp_server_state-off"] == 1
        assert read["mcp_server_tools-everything"] > 5
        assert read["percent-servers_connected"] == 75
        assert collectd.alert_counts("npm") == {"critical": 0, "warning": 0, "info": 0, "pending": 1,
                                                "silenced": 0, "inhibited": 0}, "the ghost waits for its two minutes"
        assert collectd.notifications == []


def test_a_killed_server_is_dead_two_seconds_later_and_said_once(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        assert collectd.wait_reads(1, "npm")[0]["mcp_server_state-memory"] == 0
        os.kill(hub.server_process("server-memory"), signal.SIGKILL)
        collectd.wait_value("mcp_hub-npm/mcp_servers-dead", lambda dead: dead == 1)
        last = collectd.wait_reads(2, "npm")[1]
        assert last["mcp_server_state-memory"] == 5 and last["mcp_servers-connected"] == 2
        assert last["transitions-memory"] == 1 and last["mcp_server_restarts-memory"] == 0
        zero = [r.values for r in collectd.complete("npm") if r.values["uptime-memory"] == 0]
        for read in zero:  # by the hub's own clock
            lasted = read["uptime-hub"] - zero[0]["uptime-hub"]
            assert abs(lasted - 2) < 0.01 or (read["mcp_server_state-memory"] == 5) == (lasted > 2)
        assert {s["status"] for s in hub.health()["servers"] if s["name"] == "memory"} == {"connected"}, \
            "the hub has not noticed"
        assert collectd.alert_counts("npm")["warning"] == 1
        assert [(n["severity"], n["host"], n["identity"]) for n in collectd.notifications] == [
            ("WARNING", HOST, "mcp_hub-npm/mcp_server_state-memory")]
        meta = collectd.notifications[0]["meta"]
        kind, since = meta.pop("since")
        assert kind == "Signed" and 0 <= collectd.notifications[0]["time"] - since < 60
        assert meta == {"value": ["float", 5.0], "threshold": ["float", 5.0], "rule": ["str", "server_dead"],
                        "level": ["str", "warning"], "status": ["str", "firing"]}
        message = collectd.notifications[0]["message"]
        assert "memory" in message and "npm" in message and HOST in message
        hub.order("stop", "memory")
        hub.order("start", "memory")


def test_a_hub_that_ends_and_comes_back_is_said_once_each(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 1)
        hub.stop()
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 0)
        for read in collectd.wait_reads(2, "npm"):
            assert read["bool-up"] == 0 and read["mcp_hub_state"] == 8
            assert not [name for name in read if name.startswith(("mcp_server", "uptime", "current_"))], "stale"
        assert collectd.last("mcp_hub-npm/errors-connect") >= 2
        assert collectd.alert_counts("npm")["critical"] == 1
        hub.start()
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 1)
        read = collectd.wait_reads(3, "npm")[2]
        assert read["mcp_server_state-memory"] == 0
        assert read["mcp_server_restarts-memory"] == 1
        assert collectd.alert_counts("npm")["critical"] == 0
        told = [(n["severity"], n["identity"], n["meta"]["rule"][1], n["meta"]["status"][1], n["meta"]["value"][1])
                for n in collectd.notifications]
        assert told == [("FAILURE", "mcp_hub-npm/bool-up", "hub_down", "firing", 0.0),
                        ("OKAY", "mcp_hub-npm/bool-up", "hub_down", "resolved", 1.0)]
        assert len(collectd.lines(r'hub "npm".*connect')) == 1
        assert len(collectd.lines(r'hub "npm".*answers again')) == 1


def test_a_dead_server_is_restarted_as_it_is_documented(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-npm/mcp_server_state-memory", lambda state: state == 0)
        os.kill(hub.server_process("memory"), signal.SIGKILL)
        collectd.wait_notification(rule="server_dead", severity="WARNING")
        commands = block("restart").replace("URL", hub.url).replace("NAME", "memory")
        subprocess.run(["sh", "-ec", commands.replace("curl ", "curl -sSf ")], check=True, stdout=subprocess.DEVNULL)
        collectd.wait_notification(rule="server_dead", severity="OKAY")
        assert collectd.wait_reads(1, "npm")[0]["mcp_server_state-memory"] == 0


def test_a_server_that_reconnects_again_and_again_is_never_dead(hub, tmp_path):
    """Reads in a row find one that has just begun to count its uptime."""
    def values(name):
        return [value for _, value in collectd.series[HOST, f"mcp_hub-npm/{name}-memory"]]

    def seen():
        """Stops and starts: as a restart, or as a stop where a read came between."""
        states = values("mcp_server_state")
        return values("mcp_server_restarts")[-1] + sum(now != 0 == before for before, now in pairwise(states))

    with watch(hub, tmp_path) as collectd:
        assert collectd.wait_reads(1, "npm")[0]["mcp_server_restarts-memory"] == 0
        for number in range(1, 4):
            before = seen()
            hub.order("stop", "memory")
            hub.order("start", "memory")
            collectd.wait_until(lambda: seen() > before and values("mcp_server_state")[-1] == 0, f"start {number}")
        hub.order("stop", "memory")
        collectd.wait_value("mcp_hub-npm/mcp_server_state-memory", lambda state: state == 4)
        hub.order("start", "memory")
        collectd.wait_value("mcp_hub-npm/mcp_server_state-memory", lambda state: state == 0)
        collectd.wait_reads(1, "npm")
        assert {read.values["mcp_servers-dead"] for read in collectd.complete("npm")} == {0}
        assert set(values("mcp_server_state")) <= {0, 2, 4}
        assert collectd.alert_counts("npm")["warning"] == 0
        assert collectd.notifications == []


@contextmanager
def somebody_else(port):
    """Serves web pages there."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(200)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_hub_that_stops_is_killed_or_replaced_is_said_once_each_and_no_server_is_blamed(hub, tmp_path):
    def bool_up(value):
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == value)

    def down(cause):
        collectd.wait_log(f'hub "npm".*: {cause}: ')
        assert {read["bool-up"] for read in collectd.wait_reads(2, "npm")} == {0}

    with watch(hub, tmp_path, Timeout=3) as collectd:
        bool_up(1)
        hub.process.send_signal(signal.SIGSTOP)
        down("timeout")
        hub.process.send_signal(signal.SIGCONT)
        bool_up(1)
        read = collectd.wait_reads(2, "npm")[1]
        assert read["mcp_servers-connected"] == 3 and read["mcp_server_restarts-memory"] == 0
        hub.process.kill()
        down("connect")
        hub.stop()
        with somebody_else(hub.port):
            down("parse")
        hub.start()
        bool_up(1)
        read = collectd.wait_reads(3, "npm")[2]
        assert read["mcp_server_state-memory"] == 0
        collectd.wait_notification(2, severity="OKAY")
        assert [(n["severity"], n["identity"], n["meta"]["rule"][1]) for n in collectd.notifications] == [
            (severity, "mcp_hub-npm/bool-up", "hub_down") for severity in ("FAILURE", "OKAY", "FAILURE", "OKAY")]
        *said, end = (line.rsplit("/api/health", 1)[1].split(": ")[1:2] for line in collectd.lines('hub "npm"'))
        # A read may come between somebody else's end and the hub's start.
        assert (said, end) in (([["timeout"], [], ["connect"], ["parse"], *more], []) for more in ([], [["connect"]]))
