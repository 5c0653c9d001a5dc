# SPDX-License-Identifier: MIT
"""Lines to hubs that break within a TLS handshake or an answer: named, told once each way, and nobody else is late.

All hubs are read by one collectd, each over a line of its own. The lines are well, then broken, then well again.
"""
from dataclasses import dataclass

import pytest

from certificates import Authority
from daemon import CAUSES, PROMPT_RULES, UNKNOWN, UNREACHABLE, Collectd, alerts_block, hub_block, hubs_block
from relay import LATE, Relay
from times import Times

READS = 3  # complete ones while the lines are broken
HELLO = 40  # bytes: within the first record of a handshake
BODY = 20_000  # bytes: within an answer, encrypted or not


@dataclass
class Broken:
    kind: str
    after: int
    cause: str
    says: str
    tls: bool = True


BROKEN = {
    "handshake resets": Broken("reset", 0, "tls", "reset"),
    "handshake ends": Broken("close", 0, "tls", ""),
    "handshake hangs": Broken("stall", 0, "timeout", "connected, no TLS yet"),
    "hello resets": Broken("reset", HELLO, "tls", "reset"),
    "hello truncated": Broken("close", HELLO, "tls", ""),
    "hello hangs": Broken("stall", HELLO, "timeout", "connected, no TLS yet"),
    "hello mangled": Broken("mangle", HELLO, "tls", ""),
    "answer resets": Broken("reset", BODY, "connect", r"lost after \d{4,} bytes"),
    "answer truncated": Broken("close", BODY, "parse", r"\d{4,} of \d+ bytes"),
    "answer hangs": Broken("stall", BODY, "timeout", r"\(connected, \d{4,} bytes"),
    "answer mangled": Broken("mangle", BODY, "tls", "mac"),
    "plain resets": Broken("reset", BODY, "connect", r"lost after \d{4,} bytes", tls=False),
    "plain truncated": Broken("close", BODY, "parse", r"\d{4,} of \d+ bytes", tls=False),
    "plain hangs": Broken("stall", BODY, "timeout", r"\(connected, \d{4,} bytes", tls=False),
    "plain silent": Broken("stall", 0, "timeout", r"\(connected, 0 bytes", tls=False),
    "plain closes": Broken("close", 0, "connect", "closed the connection without an answer", tls=False),
}
GOOD = {"beside": None, "beside tls": None, "late": "late", "late tls": "late"}
PACE = 10  # of collectd: a read every second
PATIENCE, HANGS = 10, 3  # seconds for an answer, and of a line that hangs


def while_broken(times, name):
    found = times.reads("broken", name)
    assert len(found) >= READS
    return found


@pytest.fixture(scope="module")
def times(sim, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lines")
    ours = Authority(folder, "ours")
    plain = sim.hub("plain", tools=100)
    sealed = sim.hub("sealed", tools=100, tls=ours.server("sealed", "IP:127.0.0.1"))
    plain.keep_alive = sealed.keep_alive = 0  # each read comes over the line as it is by then
    assert len(plain.health()) > 2 * BODY
    sealed_too = {"beside tls", "late tls"} | {name for name, b in BROKEN.items() if b.tls}
    lines = {name: Relay(sim, (sealed if name in sealed_too else plain).port) for name in (*BROKEN, *GOOD)}
    blocks = []
    for name, line in lines.items():
        hangs = name in BROKEN and BROKEN[name].cause == "timeout"
        blocks.append(hub_block(name, f"{'https' if name in sealed_too else 'http'}://127.0.0.1:{line.port}",
                                CACert=ours.certificate if name in sealed_too else None, Interval=PATIENCE,
                                Timeout=HANGS if hangs else PATIENCE))
    config = hubs_block(*blocks) + "\n" + alerts_block(PROMPT_RULES)
    with Collectd(folder / "collectd", config, whole_stacks=False, interval=0.5, speed=PACE) as collectd:
        made = Times(collectd, lines)
        made.go("before", 2)
        with made.change():
            for name, line in lines.items():
                if name in BROKEN:
                    line.break_down(BROKEN[name].kind, BROKEN[name].after)
                elif GOOD[name]:
                    line.break_down(GOOD[name])
        made.go("broken", READS + 1)
        for line in lines.values():
            line.mend()
        for name in BROKEN:
            collectd.wait_notification(plugin_instance=name, severity="OKAY")
        collectd.wait_reads_of(lines, 2)
        yield made
    for line in lines.values():
        line.close()


@pytest.mark.parametrize("name", BROKEN)
def test_a_hub_behind_a_broken_line_is_down_under_its_cause_in_each_read(times, name):
    broken = BROKEN[name]
    reads = while_broken(times, name)
    assert {read["bool-up"] for read in reads} == {0}
    counted = [{cause: read[f"errors-{cause}"] for cause in CAUSES} for read in reads]
    first = counted[0][broken.cause]
    assert counted == [{**dict.fromkeys(CAUSES, 0), broken.cause: first + n} for n in range(len(reads))]
    assert {read["mcp_hub_state"] for read in reads} == {UNKNOWN if broken.cause == "parse" else UNREACHABLE}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_said_and_told_once_and_so_is_its_end(times, name):
    broken = BROKEN[name]
    said, over = times.collectd.lines(f'hub "{name}"')
    assert times.collectd.lines(rf'\[error\].*hub "{name}".*: {broken.cause}: .*(?:{broken.says})') == [said]
    assert "[notice]" in over and "answers again" in over
    told = [(n["severity"], n["identity"], n["meta"]["rule"][1])
            for n in times.collectd.notified(plugin_instance=name)]
    assert told == [(severity, f"mcp_hub-{name}/bool-up", "hub_down") for severity in ("FAILURE", "OKAY")]


@pytest.mark.parametrize("name", GOOD)
def test_hubs_beside_broken_lines_and_on_late_ones_are_read_without_a_word(times, name):
    reads = [r.values for r in times.collectd.complete(name)]
    assert {read["bool-up"] for read in reads} == {1} and {read["mcp_capabilities-tools"] for read in reads} == {100}
    assert times.collectd.lines(f'hub "{name}"') == [] and times.collectd.notified(plugin_instance=name) == []
    if GOOD[name]:
        assert min(read["response_time-health"] for read in while_broken(times, name)) >= LATE


def test_hubs_that_hang_cost_nobody_an_interval(times):
    hanging = [name for name, broken in BROKEN.items() if broken.cause == "timeout"]
    assert all(times.waits_for_none("broken", name, hanging) for name in GOOD)


def test_a_tls_hub_that_closes_idle_connections_is_never_down(sim, tmp_path):
    """libcurl does not see that they have ended, and gives up at each sixth."""
    ours = Authority(tmp_path, "ours")
    hub = sim.hub("closing", tls=ours.server("closing", "IP:127.0.0.1"))
    hub.keep_alive = 0
    block = hub_block("closing", hub.url, CACert=ours.certificate)
    with Collectd(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"], whole_stacks=False) as collectd:
        assert {read["bool-up"] for read in collectd.wait_reads(8, "closing")} == {1}
        assert hub.connections_accepted >= 8 and collectd.lines('hub "closing"') == []


def test_a_certificate_that_changed_as_a_kept_connection_was_lost_is_named(sim, tmp_path):
    """libcurl tries again by itself and keeps its words of the first failure."""
    ours = Authority(tmp_path, "ours")
    before, after = (sim.hub(name, tls=ours.server(name, f"IP:127.0.0.{end}")) for end, name in ((1, "a"), (9, "b")))
    line = Relay(sim, before.port)
    block = hub_block("moved", f"https://127.0.0.1:{line.port}", CACert=ours.certificate)
    with Collectd(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"], whole_stacks=False) as collectd:
        collectd.wait_reads(2, "moved")
        line.target = after.port
        line.reset()
        collectd.wait_value("mcp_hub-moved/errors-tls", lambda errors: errors >= 2)
        said, = collectd.lines('hub "moved"')
        assert ": tls: " in said and "certificate" in said
    line.close()
