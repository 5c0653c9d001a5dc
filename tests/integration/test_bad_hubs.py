# SPDX-License-Identifier: MIT
"""Hubs that lie, hang, babble or break: an error under its right name, or right values; never anything else.

One collectd reads all of them. First all are well, then all are bad, then well
again; the tests look at what was recorded in each of the three times.
"""
import re
from dataclasses import dataclass, field

import pytest

from daemon import CAUSES, UNKNOWN, UNREACHABLE, Collectd, hub_block, hubs_block
from hubsim import HEALTH, STATS
from hubsim_catalogue import capabilities
from times import Times

READS = 3  # complete ones in bad times
PACE = 10  # of collectd: a read every 2 s
PATIENCE, TIMEOUT = 20, 6  # seconds for an answer of one simulator with forty hubs, and of those that are to hang
ERRORS = {f"errors-{cause}" for cause in CAUSES}


@dataclass
class Bad:
    """A way to be bad: a fault of the simulator, or a function that spoils the hub's state."""
    cause: str | None  # None: the answer is odd but good
    fault: str | None = None
    options: dict = field(default_factory=dict)
    spoil: object = None
    path: str | None = None
    says: str = ""  # regular expression on the log line
    shape: str = "upstream"
    limit: int | None = None  # MaxBodySize


def fault(cause, name, says="", **options):
    return Bad(cause, name, options, says=says)


def odd(**options):
    return Bad(None, "odd", options, path=HEALTH)


FAILING = {
    "refused": Bad("connect", spoil=lambda hub: hub.stop(), says="refused"),
    "reset": fault("connect", "reset"),
    "reset midway": fault("connect", "reset", after=100),
    "closed": fault("connect", "close"),
    "silent": fault("timeout", "silent", f"{TIMEOUT} s"),
    "hanging midway": fault("timeout", "hang", after=100),
    "byte by byte": fault("timeout", "slow", bytes_per_second=50, from_head=True),
    "truncated": fault("parse", "truncated", r"\d+ of \d+ bytes"),
    "cut json": fault("parse", "cut_json", "cut short"),
    "broken json": fault("parse", "broken_json", r"byte \d+: expected"),
    "trailing": fault("parse", "trailing", r"byte \d+"),
    "html": fault("parse", "html", "expected"),
    "other json": fault("parse", "body", "expected", data=b'{"status":"ok"}'),
    "json text": fault("parse", "body", "expected", data=b'"ready"'),
    "empty": fault("parse", "body", "empty", data=b""),
    "no number": fault("parse", "odd", value="NaN"),
    "deep": fault("parse", "deep", "deep", levels=1_000_000),
    "deep objects": fault("parse", "deep", "deep", levels=1_000_000, opening="{", key="whatever"),
    "status 500": fault("http", "status", "500", code=500),
    "status 404": fault("http", "status", "404", code=404, body="<html>"),
    "status 204": fault("http", "status", "204", code=204, body=b""),
    "not http": fault("http", "garbage"),
    "too large": Bad("oversize", "oversize", limit=100_000, says="100000 bytes"),
    "too large in chunks": Bad("oversize", "oversize", {"chunked": True}, limit=100_000, says="100000 bytes"),
}

STATISTICS = {  # bad statistics beside a good health
    "stats silent": Bad("timeout", "silent", path=STATS, shape="documented"),
    "stats html": Bad("parse", "html", path=STATS, shape="documented"),
    "stats 500": Bad("http", "status", {"code": 500}, path=STATS, shape="documented"),
    "stats truncated": Bad("parse", "truncated", path=STATS, shape="documented"),
    "stats no number": Bad("parse", "odd", path=STATS, shape="documented"),
    "stats deep": Bad("parse", "deep", {"key": "llm"}, path=STATS, shape="documented"),
    "stats too large": Bad("oversize", "oversize", path=STATS, shape="documented", limit=100_000),
}

NAMES = ["a/b", "a_b", "a\\b", 'say "hi"', "line\nbreak", "tab\there", "\x1b[31mred", "hub", "nul\x00byte", "naïve ☃",
         "\u202eturned", "x" * 4096, "x" * 4095 + "y", "é" * 100, "a_b~00000000", "percent%s%n", ""]


def give_names(hub):
    hub.fill(len(NAMES))
    for tools, (server, name) in enumerate(zip(hub.servers.values(), NAMES), 1):
        server.set(name=name, capabilities=capabilities(tools))


def name_twice(hub):
    hub.server("filesystem").name = "github"


def unknown_status(hub):
    hub.server("memory").status = "hibernating\n"


ODD = {
    **{f"odd {value}": odd(value=value) for value in ("1e400", "-1", '"many"', "[]", "null", "{}", "true")},
    **{f"stats {value}": Bad(None, "odd", {"value": value}, path=STATS, shape="documented")
       for value in ("1e400", "-1", '"many"', "[]", "null")},
    "odd state": Bad(None, "odd", {"key": "state", "value": '"dreaming"'}, path=HEALTH),
    "invalid utf8": Bad(None, "invalid_utf8", {"key": "name"}, path=HEALTH),
    "key twice last": Bad(None, "duplicate", {"first": False}, path=HEALTH),
    "key twice first": Bad(None, "duplicate", {"first": True}, path=HEALTH),
    "tiny chunks": Bad(None, "chunked", {"size": 1}, path=HEALTH),
    "names": Bad(None, spoil=give_names),
    "name twice": Bad(None, spoil=name_twice),
    "unknown status": Bad(None, spoil=unknown_status),
}
HEALTHY = "healthy"
ALL = {HEALTHY: Bad(None), **FAILING, **STATISTICS, **ODD}


class BadTimes(Times):
    """The hubs are well, bad and well again."""

    def before(self, name):
        return self.reads("before", name)

    def while_bad(self, name):
        found = self.reads("bad", name)
        assert len(found) >= READS
        return found

    def after(self, name):
        return self.reads("after", name)

    def lines(self, name):
        return self.collectd.lines(re.escape(f'hub "{name}"'))


@pytest.fixture(scope="module")
def times(sim, tmp_path_factory):
    hubs = {name: sim.hub(name, bad.shape, tools=7) for name, bad in ALL.items()}
    blocks = (hub_block(name, hub.url, MaxBodySize=ALL[name].limit, Interval=PATIENCE,
                        Timeout=TIMEOUT if ALL[name].cause == "timeout" else PATIENCE) for name, hub in hubs.items())
    with Collectd(tmp_path_factory.mktemp("bad") / "collectd", hubs_block(*blocks), plugins=["mcp_hub"],
                  interval=0.5, speed=PACE) as collectd:
        made = BadTimes(collectd, hubs)
        made.go("before", 2)
        with made.change():
            for name, bad in ALL.items():
                if bad.fault:
                    hubs[name].fault(bad.fault, path=bad.path, **bad.options)
                elif bad.spoil:
                    bad.spoil(hubs[name])
        made.go("bad", READS + 1)
        with made.change():
            for name, bad in ALL.items():
                hubs[name].heal()
                hubs[name].start()
                if bad.spoil:
                    hubs[name].fill(3, tools=7)
        made.go("after", 3)
        yield made


# hubs that fail

@pytest.mark.parametrize("name", FAILING)
def test_a_failing_hub_is_down_and_counted_under_its_cause(times, name):
    cause = FAILING[name].cause
    reads = times.while_bad(name)
    assert {read["bool-up"] for read in reads} == {0}
    assert {read["mcp_hub_state"] for read in reads} == {UNREACHABLE if cause in ("connect", "timeout") else UNKNOWN}
    counted = [read[f"errors-{cause}"] for read in reads]
    assert counted == list(range(counted[0], counted[0] + len(counted))), "one a read"
    assert {read[other] for read in reads for other in ERRORS - {f"errors-{cause}"}} == {0}


@pytest.mark.parametrize("name", FAILING)
def test_nothing_of_a_failing_hub_is_stale(times, name):
    for read in times.while_bad(name):
        assert read.keys() == {"bool-up", "mcp_hub_state"} | ERRORS


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_said_once_and_its_end_once(times, name):
    lines = times.lines(name)
    assert len(lines) == 2, lines
    assert "[error]" in lines[0] and re.search(rf": {FAILING[name].cause}: .*{FAILING[name].says}", lines[0])
    assert "[notice]" in lines[1] and "answers again" in lines[1]


@pytest.mark.parametrize("name", [*FAILING, *STATISTICS])
def test_a_hub_that_recovers_has_its_values_again(times, name):
    first, last = times.before(name)[-1], times.after(name)[-1]
    assert last["bool-up"] == 1 and last["mcp_hub_state"] == 0
    assert last.keys() == first.keys()
    assert last["mcp_server_tools-github"] == first["mcp_server_tools-github"]
    cause = f"errors-{ALL[name].cause}"
    assert last[cause] == times.after(name)[0][cause] > first[cause], "errors end with the failure"


@pytest.mark.parametrize("name", STATISTICS)
def test_bad_statistics_leave_the_health_as_it_is(times, name):
    before, cause = times.before(name)[-1], STATISTICS[name].cause
    gone = {"bool-filtering", "mcp_tools-total", "total_requests-llm", "queue_length-llm", "mcp_breaker_state",
            "response_time-filtering"}
    assert gone <= before.keys()
    for read in times.while_bad(name):
        assert read["bool-up"] == 1 and read["mcp_servers-connected"] == 3
        assert not gone & read.keys()
    counted = [read[f"errors-{cause}"] for read in times.while_bad(name)]
    assert counted == list(range(counted[0], counted[0] + len(counted)))
    lines = times.lines(name)
    assert len(lines) == 2, lines
    assert "[error]" in lines[0] and STATS in lines[0] and f": {cause}: " in lines[0]
    assert "answers again" in lines[1]


def test_the_healthy_hub_beside_them_notices_nothing(times):
    reads = times.collectd.complete(HEALTHY)
    first = reads[0].values
    stable = {name for name in first if not name.startswith(("uptime-", "response_time-"))}
    for read in reads:
        assert read.values.keys() == first.keys()
        assert {n: read.values[n] for n in stable} == {n: first[n] for n in stable}
    assert first["bool-up"] == 1
    assert times.lines(HEALTHY) == []


def test_hubs_that_hang_cost_the_healthy_one_no_interval(times):
    assert times.waits_for_none("bad", HEALTHY, [name for name, bad in ALL.items() if bad.cause == "timeout"])


def test_a_redirect_is_an_error_and_not_followed(sim, tmp_path):
    other = sim.hub("other")
    hub = sim.hub("redirecting")
    codes = (301, 302, 303, 307, 308)
    with Collectd(tmp_path / "collectd", hubs_block(hub_block("away", hub.url)), plugins=["mcp_hub"]) as collectd:
        for number, code in enumerate(codes, 1):
            with hub.fault("redirect", to=f"{other.url}{HEALTH}", code=code):
                collectd.wait_log(f'hub "away".*HTTP status {code}')
        read = collectd.wait_reads(2, "away")[1]
        assert read["bool-up"] == 1 and read["errors-http"] >= len(codes)
    assert other.count() == 0


# hubs that are odd but answer

@pytest.mark.parametrize("name", [name for name in ODD if name not in ("unknown status", "name twice")])
def test_an_odd_answer_is_no_error(times, name):
    for read in times.while_bad(name):
        assert read["bool-up"] == 1
        assert {read[error] for error in ERRORS} == {0}
    assert times.lines(name) == []


@pytest.mark.parametrize("name", [name for name in ODD if name.startswith("odd ") and name != "odd state"])
def test_numbers_that_cannot_be_are_unknown(times, name):
    numbers = ("current_connections-", "mcp_capabilities-", "uptime-")
    before = times.before(name)[-1]
    unknown = {n for n in before if n.startswith(numbers)} - {"uptime-hub"}
    for read in times.while_bad(name):
        assert read.keys() == before.keys() - unknown
        assert read["mcp_servers-connected"] == 3 and read["mcp_server_tools-github"] == 3
        assert all(abs(value) < 1e10 for value in read.values())


@pytest.mark.parametrize("name", [name for name in ODD if name.startswith("stats ")])
def test_statistics_that_cannot_be_are_unknown(times, name):
    before, health = times.before(name)[-1], times.before(HEALTHY)[-1]
    words = {"bool-filtering", "response_time-filtering", "mcp_breaker_state"}
    for read in times.while_bad(name):
        assert read.keys() == health.keys() | (words & before.keys())


def test_a_state_that_is_not_known_is_unknown(times):
    assert {read["mcp_hub_state"] for read in times.while_bad("odd state")} == {UNKNOWN}


def test_of_two_equal_keys_the_last_counts(times):
    assert {read["mcp_hub_state"] for read in times.while_bad("key twice last")} == {6}
    assert {read["mcp_hub_state"] for read in times.while_bad("key twice first")} == {0}


def test_chunks_of_one_byte_are_read_like_any_answer(times):
    read, before = times.while_bad("tiny chunks")[0], times.before("tiny chunks")[-1]
    assert read.keys() == before.keys()


def test_a_name_that_is_no_utf8_becomes_one_that_is(times):
    for read in times.while_bad("invalid utf8"):
        names = instances(read)
        assert len(names) == 3 and {"filesystem", "memory"} < names
        assert re.fullmatch(r"_+github~[0-9a-f]{8}", (names - {"filesystem", "memory"}).pop())


def instances(read, type="mcp_server_state"):
    return {name.split("-", 1)[1] for name in read if name.startswith(type + "-")}


def test_no_name_breaks_out_collides_or_is_lost(times):
    for read in times.while_bad("names"):
        names = instances(read)
        assert len(names) == len(NAMES) == read["mcp_servers-total"]
        for name in names:
            assert 0 < len(name.encode()) < 128
            assert name.isprintable() and "/" not in name and name != "hub"
        for type in ("uptime", "mcp_server_tools", "mcp_server_prompts", "transitions"):
            assert instances(read, type) - {"hub"} == names
        assert sorted(read[f"mcp_server_tools-{name}"] for name in names) == list(range(1, len(NAMES) + 1))
        assert {"a_b", "a\\b", 'say "hi"', "naïve ☃", "percent%s%n"} <= names
        assert read["uptime-hub"] >= 0
    assert len({frozenset(instances(read)) for read in times.while_bad("names")}) == 1, "the same in every read"


def test_of_servers_with_one_name_the_first_is_reported_and_it_is_said_once(times):
    for read in times.while_bad("name twice"):
        assert instances(read) == {"github", "memory"}
        assert read["mcp_server_tools-github"] == 3
        assert read["mcp_servers-total"] == 3 and read["mcp_servers-connected"] == 3
    lines = times.lines("name twice")
    assert len(lines) == 1 and "[warning]" in lines[0] and '"github"' in lines[0]


def test_a_status_that_is_not_known_is_counted_and_said_once(times):
    for read in times.while_bad("unknown status"):
        assert read["mcp_servers-unknown"] == 1 and read["mcp_servers-total"] == 3
        assert instances(read) == {"github", "filesystem"}
        assert read["mcp_server_tools-memory"] >= 0
    lines = times.lines("unknown status")
    assert len(lines) == 1 and "[warning]" in lines[0]
    assert '"hibernating_"' in lines[0] and '"memory"' in lines[0]


def test_log_lines_are_lines_of_the_logger(times):
    """No name or answer of a hub makes a line of its own or moves the cursor."""
    assert [line for line in times.collectd.log
            if not re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] ", line) or not line.isprintable()] == []
