# SPDX-License-Identifier: MIT
"""What happens to hubs, their machines and clocks: seen in time, said once, and no figure that is not theirs."""
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import hubsim
from daemon import (POWERLESS, PROMPT_RULES, SANITIZERS, SOURCE, UNKNOWN, UNREACHABLE, Collectd, Powerless, alerts_block, hub_block,
                    hubs_block)

MB = 1 << 20
LONG = 60  # seconds for many megabytes


@contextmanager
def child(*command, prefix=()):
    """A process and the first line that it writes; it ends with its standard input."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *prefix, sys.executable, *map(str, command)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process, process.stdout.readline().split()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def hub_process(port=0):
    return child(hubsim.__file__, "--port", port)


# hubs that come and go

def test_a_hub_that_stops_hangs_dies_or_is_replaced_is_said_once_each(sim, tmp_path):
    def down(state, cause):
        since = time.time()
        collectd.wait_value("mcp_hub-prod/mcp_hub_state", lambda now: now == state)
        collectd.wait_reads(2, "prod")
        after = [r.values["bool-up"] for r in collectd.complete("prod") if r.time > since]
        assert after[1:] == [0] * (len(after) - 1), "only a read under way may have ended well"
        assert len(collectd.lines(f'hub "prod".*: {cause}: ')) == 1

    def up():
        collectd.wait_value("mcp_hub-prod/bool-up", lambda now: now == 1)
        assert collectd.alert_counts("prod")["critical"] == 0

    config = "{}\n" + alerts_block(PROMPT_RULES)
    with hub_process() as (process, (_, url)):
        port = int(url.rsplit(":", 1)[1])
        collectd = Collectd(tmp_path / "collectd", config.format(hubs_block(hub_block("prod", url, Timeout=3)))).start()
        try:
            up()
            process.send_signal(signal.SIGSTOP)
            down(UNREACHABLE, "timeout")
            process.send_signal(signal.SIGCONT)
            up()
            process.kill()
            down(UNREACHABLE, "connect")
            with sim.hub("somebody else", port=port) as other:
                other.fault("html")
                down(UNKNOWN, "parse")
            with hub_process(port):
                up()
                collectd.wait_notification(2, severity="OKAY")
                told = [(n["severity"], n["identity"], n["meta"]["rule"][1]) for n in collectd.notifications]
                assert told == [(severity, "mcp_hub-prod/bool-up", "hub_down")
                                for severity in ("FAILURE", "OKAY", "FAILURE", "OKAY")]
                assert len(collectd.lines('hub "prod".*answers again')) == 2
                collectd.stop()
        finally:
            collectd.kill()


@pytest.mark.parametrize("fault", ["close", "reset"])
def test_a_kept_connection_that_ends_as_it_is_used_again_is_no_failure(sim, tmp_path, fault):
    """Hubs close idle connections after 5 s: a usual Interval, so that both may happen at once."""
    hub = sim.hub("closing")
    with Collectd(tmp_path / "collectd", hubs_block(hub_block("prod", hub.url)), plugins=["mcp_hub"]) as collectd:
        collectd.wait_reads(1, "prod")
        for _ in range(3):
            ended = hub.fault(fault, times=1)
            hub.wait_until(lambda: ended.served == 1)
            collectd.wait_reads(1, "prod")
        assert hub.connections_accepted == 4, "one more after each end"
        assert {r.values["bool-up"] for r in collectd.complete("prod")} == {1}
        assert collectd.last("mcp_hub-prod/errors-connect") == 0 and collectd.lines('hub "prod"') == []


def test_a_hubs_clock_that_steps_is_no_restart_no_death_and_no_alert(sim, tmp_path):
    hub = sim.hub("stepping", shape="documented")
    for server in hub.servers.values():
        server.set(started=hub.clock.now() - 86400, last_started=hub.clock.now() - 86400)
    config = "\n".join([hubs_block(hub_block("prod", hub.url)), alerts_block(PROMPT_RULES)])
    with Collectd(tmp_path / "collectd", config) as collectd:
        first = collectd.wait_reads(1, "prod")[0]
        for step in (-3600, 7200, -86400 * 365, 86400 * 365):
            hub.clock.advance(step)
            for read in collectd.wait_reads(2, "prod"):
                assert read["bool-up"] == 1 and read["mcp_servers-connected"] == 3 and read["mcp_servers-dead"] == 0
                assert {value for name, value in read.items()
                        if name.startswith(("transitions-", "mcp_server_restarts-", "errors-"))} == {0}
                assert all(value >= 0 for name, value in read.items() if name.startswith("uptime-"))
        assert read.keys() == first.keys()
        assert set(collectd.alert_counts("prod").values()) == {0}
        assert collectd.notifications == [] and collectd.lines('hub "prod"') == []


# hubs that say much

def reading_slowly(hub, tmp_path):
    return Collectd(tmp_path / "collectd", hubs_block(hub_block("prod", hub.url, Interval=LONG)), plugins=["mcp_hub"],
                    whole_stacks=False, speed=LONG)


def peak(collectd):
    """Of collectd's memory since the last call, in bytes."""
    process = Path(f"/proc/{collectd.process.pid}")
    found = int((process / "status").read_text().split("VmHWM:")[1].split()[0]) * 1024
    (process / "clear_refs").write_text("5")
    return found


@pytest.mark.parametrize("chunked", [False, True])
def test_a_gigabyte_is_refused_in_little_memory(sim, tmp_path, chunked):
    hub = sim.hub("babbling")
    with reading_slowly(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)
        before = peak(collectd)
        hub.fault("oversize", path=hubsim.HEALTH, size=1 << 30, chunked=chunked)
        collectd.wait_value("mcp_hub-prod/errors-oversize", lambda errors: errors >= 1)
        assert collectd.last("mcp_hub-prod/bool-up") == 0
        collectd.wait_log(r'hub "prod".*oversize: body larger than 67108864 bytes \(MaxBodySize\)')
        assert peak(collectd) - before < 8 * MB


def test_megabytes_that_nobody_needs_cost_no_memory_and_no_value(sim, tmp_path):
    hub = sim.hub("talkative")
    padding = b'"padding":{"schema":["' + b"x" * (50 * MB) + b'"]},'
    with reading_slowly(hub, tmp_path) as collectd:
        first = collectd.wait_reads(1, "prod")[0]
        before = peak(collectd)
        with hub.fault("edit", path=hubsim.HEALTH, function=lambda body: b"{" + padding + body[1:]):
            read = collectd.wait_read_of(hub, "prod")
        assert read.keys() == first.keys() and read["bool-up"] == 1 and read["mcp_servers-connected"] == 3
        assert peak(collectd) - before < 8 * MB


def test_of_ten_thousand_servers_the_first_are_reported_and_all_are_counted(sim, tmp_path):
    hub = sim.hub("huge", servers=10_000, tools=10_000)
    hub.server(list(hub.servers)[-1]).disconnect()
    with reading_slowly(hub, tmp_path) as collectd:
        read = collectd.wait_reads(1, "prod")[0]
        assert read["mcp_servers-total"] == 10_000 and read["mcp_servers-connected"] == 9_999
        assert read["mcp_servers-disconnected"] == 1
        reported = {name.split("-", 1)[1] for name in read if name.startswith("mcp_server_state-")}
        assert reported == set(sorted(hub.servers)[:200])
        assert len(collectd.lines(r'hub "prod".*MaxServers')) == len(collectd.lines('hub "prod"')) == 1


def test_ten_thousand_servers_cost_little_memory_few_series_and_one_notice(sim, tmp_path):
    hub = sim.hub("grows", servers=300, tools=300)
    config = "\n".join([hubs_block(hub_block("prod", hub.url, Interval=LONG)), alerts_block(PROMPT_RULES)])
    with Collectd(tmp_path / "collectd", config, whole_stacks=False, speed=LONG) as collectd:
        first, before = collectd.wait_reads(1, "prod")[0], peak(collectd)
        hub.fill(10_000, tools=10_000)
        collectd.wait_value("mcp_hub-prod/mcp_servers-total", lambda total: total == 10_000)
        read = collectd.wait_reads(1, "prod")[0]
        assert len(read) == len(first), "other names, but as many as of 300"
        assert collectd.wait_fresh("mcp_hub_alerts/gauge-series") < 1000
        if not SANITIZERS:  # they keep what is freed
            assert peak(collectd) - before < 64 * MB
        for server in hub.servers.values():
            server.disconnect()
        collectd.wait_notification(rule="all_servers_down")
        collectd.wait_reads(2, "prod")
        assert [n["meta"]["rule"][1] for n in collectd.notifications] == ["all_servers_down"]
        assert collectd.alert_counts("prod")["critical"] == 1
        assert len(collectd.lines('hub "prod"')) == 1


# processes and files that are not ours to read

NOBODY = 65534
LISTENS = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); " \
          "print(s.getsockname()[1], flush=True); sys.stdin.read()"


def claims(hub, pid, port, started=0):
    """The hub says that it is this process, listening there since `started` seconds ago."""
    hub.remove_workspace()
    hub.add_workspace(port, pid, started=time.time() - started)
    hub.workspace_key = str(port)
    return hub


@pytest.mark.skipif(os.geteuid() != 0, reason="to run processes of two users takes root")
def test_figures_are_of_the_hubs_process_or_of_none(sim, tmp_path):
    somebody = [*POWERLESS, "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    with child("-c", LISTENS, prefix=POWERLESS) as (own, (own_port,)), \
            child("-c", LISTENS, prefix=somebody) as (other, (other_port,)):
        hubs = {"own": claims(sim.hub(), own.pid, int(own_port)),
                "reused": claims(sim.hub(), own.pid, int(own_port), started=3600),
                "stale": claims(sim.hub(), own.pid, int(other_port)),
                "another user's": claims(sim.hub(), other.pid, int(other_port))}
        blocks = hubs_block(*(hub_block(name, hub.url, Process="auto") for name, hub in hubs.items()))
        with Powerless(tmp_path / "collectd", blocks, plugins=["mcp_hub"]) as collectd:
            reads = {name: seen[1] for name, seen in collectd.wait_reads_of(hubs, 2).items()}
            own_memory = int(Path(f"/proc/{own.pid}/status").read_text().split("VmRSS:")[1].split()[0]) * 1024
            assert reads["own"]["ps_rss-hub"] == pytest.approx(own_memory, rel=0.2)
            assert reads["own"]["file_handles-hub"] >= 4
            for name in ("reused", "stale", "another user's"):
                assert reads[name].keys().isdisjoint({"ps_rss-hub", "ps_cputime-hub", "percent-cpu", "threads-hub",
                                                      "percent-memory", "file_handles-hub"})
                assert reads[name]["bool-up"] == 1
                assert len(collectd.lines(rf'\[warning\].*hub "{name}": process: ')) == 1


def test_a_log_without_permission_is_said_once_and_read_when_it_may_be(sim, tmp_path):
    log = tmp_path / "hub.log"
    log.write_text('{"type":"error","message":"before"}\n')
    log.chmod(0)
    block = hub_block("prod", sim.hub().url, LogFile=log)
    with Powerless(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"]) as collectd:
        for read in collectd.wait_reads(3, "prod"):
            assert not [name for name in read if name.startswith(("mcp_log_entries", "total_events-", "count-log"))]
        assert len(collectd.lines(r"\[warning\].*log: .*Permission denied")) == 1
        log.chmod(0o600)
        collectd.wait_value("mcp_hub-prod/count-log_errors_100", lambda errors: errors == 1)
        with log.open("a") as file:
            file.write('{"type":"error","message":"after"}\n')
        collectd.wait_value("mcp_hub-prod/mcp_log_entries-error", lambda errors: errors == 1)
        assert len(collectd.lines('hub "prod"')) == 2


class LeastRights(Collectd):
    """A root as packaging/systemd/mcp-hub.conf leaves it."""
    drop_in = (SOURCE / "packaging/systemd/mcp-hub.conf").read_text()

    def command(self, *options):
        first, *rest = super().command(*options)
        left = re.search(r"^CapabilityBoundingSet=(.+)$", self.drop_in, re.M).group(1).split()
        capabilities = ",".join(["-all", *(f"+{name.lower().removeprefix('cap_')}" for name in left)])
        return [first, "--no-new-privs", "--bounding-set", capabilities, *rest]


@pytest.mark.skipif(os.geteuid() != 0, reason="to run processes of two users takes root")
def test_the_rights_that_the_drop_in_leaves_suffice_for_a_hub_of_another_user(sim, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "hub.log").write_text('{"type":"error","message":"before"}\n')
    for path in (home / "hub.log", home):
        path.chmod(0o700)
        os.chown(path, NOBODY, NOBODY)
    somebody = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    with child("-c", LISTENS, prefix=somebody) as (other, (port,)):
        hub = claims(sim.hub(), other.pid, int(port))
        block = hub_block("prod", hub.url, Process="auto", LogFile=home / "hub.log")
        with LeastRights(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"]) as collectd:
            read = collectd.wait_reads(2, "prod")[1]
            assert read["ps_rss-hub"] > MB and read["file_handles-hub"] >= 4
            assert read["count-log_errors_100"] == 1
            assert collectd.lines('hub "prod": (process|log): ') == []
