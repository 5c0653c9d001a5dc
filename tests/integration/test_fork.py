# SPDX-License-Identifier: MIT
"""The fork's statistics and what the deployed alerts.json makes of them.

Every scenario plays on a hub of its own; all of them share one collectd and are
played side by side, so that the slowest one sets the time.
"""
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import hubsim
from daemon import (PROMPT_RULES, HOST, INTERVAL, SPEED, TIMEOUT, Collectd, alerts_block, hub_block,
                    hubs_block)

BEGIN = 1_800_000_000.0
PACE = 5  # of collectd, for many hubs
SCENARIOS = {}  # name -> (function, options of the hub)


class Play:
    """A scenario's hub, and what collectd tells of it."""

    def __init__(self, name, hub, collectd):
        self.name, self.hub, self.collectd = name, hub, collectd
        self.began = time.time()

    def reads(self, expected=None, absent=()):
        """The next read that sees the hub as it is now; `expected` values must be in it."""
        read = self.collectd.wait_read_of(self.hub, self.name)
        assert {name: read.get(name) for name in expected or {}} == pytest.approx(expected or {}), read
        assert not set(absent) & read.keys(), read
        return read

    def counts(self, **expected):
        """The gauges of the alert plugin; those not given are 0."""
        zero = dict.fromkeys(("critical", "warning", "info", "pending", "silenced", "inhibited"), 0)
        assert self.collectd.alert_counts(self.name) == {**zero, **expected}

    def told(self):
        """All notifications of this hub, in order, their meta data checked for types."""
        seen = []
        for n in self.collectd.notified(plugin_instance=self.name):
            assert n["host"] == HOST and n["plugin"] == "mcp_hub"
            assert len(n["message"].encode()) <= 255 and self.name in n["message"]
            kinds = {key: kind for key, (kind, _) in n["meta"].items()}
            assert kinds == {"value": "float", "threshold": "float", "since": "Signed", "rule": "str",
                             "level": "str", "status": "str"}
            meta = {key: value for key, (_, value) in n["meta"].items()}
            assert self.began - 2 <= meta["since"] <= n["time"] + 1
            seen.append((n["severity"], n["identity"].split("/", 1)[1], meta["rule"], meta["level"], meta["status"],
                         meta["value"], meta["threshold"]))
        return seen


def firing(severity, identity, rule, value, threshold):
    level = {"FAILURE": "critical", "WARNING": "warning"}[severity]
    return severity, identity, rule, level, "firing", value, threshold


def resolved(identity, rule, value, threshold):
    return "OKAY", identity, rule, "ok", "resolved", value, threshold


def scenario(**options):
    """The function plays on a hub with these options and returns what must have been notified."""
    def enter(function):
        SCENARIOS[function.__name__] = (function, options)
        return function
    return enter


@scenario(shape="documented")
def the_breaker_opens_and_closes(play):
    breaker = play.hub.breaker
    play.reads({"mcp_breaker_state": 0, "total_events-breaker_trips": 0})
    breaker.half_open()
    play.reads({"mcp_breaker_state": 1})
    breaker.open(failures=5)
    play.reads({"mcp_breaker_state": 2, "count-breaker_failures": 5, "total_events-breaker_trips": 1})
    play.counts(critical=1)
    play.reads({"mcp_breaker_state": 2})
    breaker.half_open()
    play.reads({"mcp_breaker_state": 1})
    play.counts()
    breaker.close()
    play.reads({"mcp_breaker_state": 0, "count-breaker_failures": 0})
    return [firing("FAILURE", "mcp_breaker_state", "circuit_breaker_state", 2, 2),
            resolved("mcp_breaker_state", "circuit_breaker_state", 1, 2)]


def success_rate_falls(play, rates):
    """Through these rates; the alert changes its level, it does not become two."""
    for percent, counts in rates:
        play.hub.llm.set(success=percent * 10, failed=1000 - percent * 10)
        play.reads({"percent-llm_success": percent})
        play.counts(**counts)
    name = "percent-llm_success", "llm_success_rate"
    return [firing("WARNING", *name, 94, 95), firing("FAILURE", *name, 89, 90), firing("WARNING", *name, 92, 95),
            resolved(*name, 95, 95)]


RATES = [(97, {}), (95, {}), (94, {"warning": 1}), (90, {"warning": 1}), (89, {"critical": 1}),
         (92, {"warning": 1}), (95, {})]


@scenario(shape="documented")
def success_rate_falls_as_text(play):
    return success_rate_falls(play, RATES)


@scenario(shape="scripts", rates="percent")
def success_rate_falls_as_percentage(play):
    return success_rate_falls(play, RATES)


@scenario(shape="scripts", rates="fraction")
def success_rate_falls_as_fraction(play):
    return success_rate_falls(play, RATES)


@scenario(shape="documented")
def success_rate_falls_through_both_levels_at_once(play):
    play.hub.llm.set(success=100, failed=0)
    play.reads({"percent-llm_success": 100})
    play.hub.llm.set(success=50, failed=50)
    play.reads({"percent-llm_success": 50})
    play.counts(critical=1)
    play.hub.llm.set(success=99, failed=1)
    play.reads({"percent-llm_success": 99})
    play.counts()
    return [firing("FAILURE", "percent-llm_success", "llm_success_rate", 50, 90),
            resolved("percent-llm_success", "llm_success_rate", 99, 95)]


@scenario(shape="documented")
def the_other_thresholds_are_crossed(play):
    hub = play.hub
    hub.llm.set_latency(p95=2000)
    hub.queue.depth = 50
    hub.cache.set(hits=80, misses=20)
    play.reads({"latency-llm_p95": 2.0, "queue_length-llm": 50, "cache_ratio-llm": 80})
    play.counts()
    hub.llm.set_latency(p95=2500)
    play.reads({"latency-llm_p95": 2.5})
    hub.queue.depth = 51
    play.reads({"queue_length-llm": 51})
    hub.cache.set(hits=79, misses=21)
    play.reads({"cache_ratio-llm": 79})
    play.counts(warning=3)
    hub.llm.set_latency(p95=2000)
    play.reads({"latency-llm_p95": 2.0})
    hub.queue.depth = 50
    play.reads({"queue_length-llm": 50})
    hub.cache.set(hits=80, misses=20)
    play.reads({"cache_ratio-llm": 80})
    play.counts()
    latency, queue, cache = (("latency-llm_p95", "p95_latency"), ("queue_length-llm", "queue_depth"),
                             ("cache_ratio-llm", "cache_hit_rate"))
    return [firing("WARNING", *latency, 2.5, 2), firing("WARNING", *queue, 51, 50), firing("WARNING", *cache, 79, 80),
            resolved(*latency, 2, 2), resolved(*queue, 50, 50), resolved(*cache, 80, 80)]


RATES_OF_LOAD = ("percent-llm_success", "cache_ratio-llm", "cache_ratio-category", "latency-llm_p95")


def nothing_is_asked(play):
    """No calls, then idle: an unknown rate is no rate of 0."""
    for _ in range(3):
        play.reads(absent=RATES_OF_LOAD)
    play.counts()
    return []


@scenario(shape="flat")
def zero_load_flat(play):
    return nothing_is_asked(play)


@scenario(shape="documented")
def zero_load_documented(play):
    play.reads({"total_requests-llm": 0, "cache_result-llm_hit": 0})
    return nothing_is_asked(play)


@scenario(shape="scripts", rates="percent")
def zero_load_percentages(play):
    return nothing_is_asked(play)


@scenario(shape="scripts", rates="fraction")
def zero_load_fractions(play):
    return nothing_is_asked(play)


@scenario(shape="documented")
def idle_after_load(play):
    play.hub.llm.call(success=99, failed=1, latency=300)
    play.hub.cache.ask(hits=90, misses=10)
    before = play.reads({"percent-llm_success": 99, "cache_ratio-llm": 90})
    after = play.reads({"percent-llm_success": 99, "cache_ratio-llm": 90})
    assert after.keys() == before.keys()
    play.counts()
    return []


@scenario(shape="documented")
def rates_of_few_calls_are_withheld(play):
    play.hub.llm.set(success=0, failed=9)
    play.hub.cache.set(hits=0, misses=9)
    play.reads({"total_operations-llm_failed": 9}, absent=("percent-llm_success", "cache_ratio-llm"))
    play.counts()
    play.hub.llm.set(success=0, failed=10)
    play.reads({"percent-llm_success": 0})
    play.counts(critical=1)
    return [firing("FAILURE", "percent-llm_success", "llm_success_rate", 0, 90)]


@scenario(shape="documented")
def a_hub_that_starts_is_no_alert(play):
    hub = play.hub
    with hub.lock:
        hub.reset()
        hub.set(state="starting", booted=False)
    play.reads({"bool-up": 1, "mcp_hub_state": 2, "mcp_servers-total": 0},
               absent=("mcp_tools-total", "percent-servers_down", "mcp_capabilities-tools"))
    with hub.lock:
        hub.booted = True
        for server in hub.servers.values():
            server.start_connecting()
    play.reads({"mcp_hub_state": 2, "mcp_servers-connecting": 3, "mcp_server_state-github": 2},
               absent=("mcp_tools-total", "percent-servers_down"))
    with hub.lock:
        hub.state = "ready"
        for server in hub.servers.values():
            server.connect()
    play.reads({"mcp_hub_state": 0, "mcp_servers-connected": 3, "mcp_tools-total": 36, "percent-servers_down": 0})
    play.counts()
    return []


@scenario(shape="documented")
def a_hub_goes_down_and_comes_back(play):
    hub = play.hub
    hub.llm.call(success=1000, latency=300)
    play.reads({"total_requests-llm": 1000})
    hub.stop()
    play.collectd.wait_value(f"mcp_hub-{play.name}/bool-up", lambda up: up == 0)
    for read in play.collectd.wait_reads(3, play.name):
        assert read.keys() == {"bool-up", "mcp_hub_state", *ERRORS}
        assert (read["bool-up"], read["mcp_hub_state"]) == (0, 8)
    play.counts(critical=1)
    hub.reset()
    hub.start()
    play.reads({"bool-up": 1, "mcp_hub_state": 0, "total_requests-llm": 0, "mcp_server_restarts-github": 1,
                "transitions-github": 0}, absent=("percent-llm_success",))
    play.counts()
    return [firing("FAILURE", "bool-up", "hub_down", 0, 0), resolved("bool-up", "hub_down", 1, 0)]


@scenario(shape="documented")
def a_restart_between_two_reads_is_counted_not_alerted(play):
    before = play.reads({"mcp_server_restarts-github": 0})
    assert before["bool-up"] == 1
    play.hub.reset()
    play.reads({"bool-up": 1, "mcp_server_restarts-github": 1, "mcp_server_restarts-memory": 1,
                "transitions-github": 0, "mcp_server_state-github": 0})
    play.counts()
    return []


def dies(play, *names):
    """Seen with uptime 0 in two reads, two seconds of the hub's clock apart."""
    for name in names:
        play.hub.server(name).kill()
    play.reads({f"mcp_server_state-{name}": 0 for name in names} | {f"uptime-{name}": 0 for name in names})
    play.hub.clock.advance(2)
    play.reads({f"mcp_server_state-{name}": 5 for name in names} | {"mcp_servers-dead": len(names)})


@scenario(shape="documented")
def a_server_dies_while_connected(play):
    play.reads({"mcp_server_state-memory": 0})
    dies(play, "memory")
    play.counts(warning=1)
    play.reads({"mcp_server_state-memory": 5, "mcp_servers-connected": 2, "transitions-memory": 1})
    play.hub.server("memory").reconnect()
    play.reads({"mcp_server_state-memory": 0, "transitions-memory": 2, "mcp_server_restarts-memory": 1})
    play.counts()
    return [firing("WARNING", "mcp_server_state-memory", "server_dead", 5, 5),
            resolved("mcp_server_state-memory", "server_dead", 0, 5)]


@scenario(shape="upstream", block={"Interval": 2})
def a_dead_server_is_removed(play):
    dies(play, "memory")
    play.counts(warning=1)
    play.hub.remove_server("memory")
    for _ in range(3):
        play.reads({"mcp_servers-total": 2}, absent=("mcp_server_state-memory", "uptime-memory"))
    play.collectd.wait_notification(plugin_instance=play.name, severity="OKAY")
    play.counts()
    return [firing("WARNING", "mcp_server_state-memory", "server_dead", 5, 5),
            resolved("mcp_server_state-memory", "server_dead", 5, 5)]


@scenario(shape="upstream")
def a_server_that_only_reconnected_is_not_dead(play):
    play.hub.server("memory").reconnect()
    play.reads({"uptime-memory": 0, "mcp_server_state-memory": 0})
    play.hub.clock.advance(1)
    play.hub.server("memory").reconnect()
    play.reads({"uptime-memory": 0, "mcp_server_state-memory": 0})
    play.hub.clock.advance(1)
    play.hub.server("memory").reconnect()
    play.reads({"uptime-memory": 0, "mcp_server_state-memory": 0, "mcp_server_restarts-memory": 3,
                "transitions-memory": 0})
    play.counts()
    return []


@scenario(shape="upstream")
def the_other_states_of_servers_are_no_alert_at_once(play):
    play.hub.server("github").unauthorize()
    play.hub.server("memory").disable()
    play.reads({"mcp_server_state-github": 3, "mcp_server_state-memory": 1, "mcp_servers-unauthorized": 1,
                "mcp_servers-disabled": 1, "percent-servers_connected": 50, "percent-servers_down": 0})
    play.counts()
    play.hub.server("github").disconnect()
    play.reads({"mcp_server_state-github": 4, "percent-servers_connected": 50, "percent-servers_down": 50})
    play.counts(pending=1)
    play.hub.server("github").connect()
    play.reads({"mcp_server_state-github": 0, "transitions-github": 3})
    play.counts()
    return []


@pytest.fixture(scope="module")
def collectd(tmp_path_factory, hubs):
    blocks = [hub_block(name, hub.url, **SCENARIOS.get(name, (None, {}))[1].get("block", {})) for name, hub in hubs.items()]
    config = "\n".join([hubs_block(*blocks), alerts_block(PROMPT_RULES)])
    with Collectd(tmp_path_factory.mktemp("fork") / "collectd", config, interval=0.5, speed=PACE) as made:
        yield made


@pytest.fixture(scope="module")
def hubs(sim):
    """Those of the scenarios, in a time of their own that stands still, and one for each shape of statistics."""
    made = {}
    for name, (_, options) in SCENARIOS.items():
        rates = {"rates": options["rates"]} if "rates" in options else {}
        hub = sim.hub(name, **{key: value for key, value in options.items() if key not in ("rates", "block")})
        hub.set(**rates)
        made[name] = hub
    for shape, rates in SHAPES:
        made[f"{shape}-{rates}"] = hub = sim.hub(f"{shape}-{rates}", shape)
        hub.rates = rates
        load(hub)
    for hub in made.values():
        with hub.lock:
            hub.clock.freeze(BEGIN)
            for server in hub.servers.values():
                server.connect()
            hub._register()
            hub.clock.advance(100)
    return made


@pytest.fixture(scope="module")
def played(hubs, collectd):
    """name -> future of what was expected and what was told."""
    def run(name):
        play = Play(name, hubs[name], collectd)
        expected = SCENARIOS[name][0](play)
        collectd.wait_reads(2, name)  # nothing more may come
        play.collectd.alert_counts(name)
        return expected, play.told()
    collectd.wait_until(lambda: all(collectd.complete(name) for name in hubs), "a read of every hub")
    with ThreadPoolExecutor(len(SCENARIOS)) as pool:
        yield {name: pool.submit(run, name) for name in SCENARIOS}


@pytest.mark.parametrize("name", SCENARIOS)
def test_exactly_these_notifications(played, name):
    expected, told = played[name].result(timeout=20 * TIMEOUT)
    assert told == expected


def test_nobody_else_is_notified_of(played, collectd):
    for future in played.values():
        future.exception(timeout=20 * TIMEOUT)
    assert [n for n in collectd.notifications if n["plugin_instance"] not in SCENARIOS] == []
    assert collectd.wait_fresh("mcp_hub_alerts/bool-rules_current") == 1
    assert collectd.wait_fresh("mcp_hub_alerts/total_events-notices_sent") == len(collectd.notifications)
    assert collectd.last("mcp_hub_alerts/total_events-notices_dropped") == 0


# exact values of each shape

SHAPES = [("flat", "fraction"), ("documented", "fraction"), ("scripts", "fraction"), ("scripts", "percent")]
ERRORS = [f"errors-{cause}" for cause in ("connect", "timeout", "http", "tls", "parse", "oversize")]


def load(hub):
    """The same work for every shape; the clock is set later."""
    hub.clients = 2
    hub.subscribe(1)
    hub.filtering.exposed = 30
    hub.llm.set(success=967, failed=33, timeouts=2, retries=4, fallbacks=3)
    hub.llm.set_latency(average=812, p50=700, p95=1900, p99=4800)
    hub.cache.set(hits=81, misses=19, size=19)
    hub.category_cache.set(hits=3, misses=1, size=1)
    hub.queue.set(depth=3, processed=97)
    hub.breaker.set(state="half-open", failures=2, trips=1)


HEALTH_VALUES = {
    "bool-up": 1, "mcp_hub_state": 0, "uptime-hub": 100, **dict.fromkeys(ERRORS, 0),
    "mcp_servers-connected": 3, "mcp_servers-disabled": 0, "mcp_servers-connecting": 0, "mcp_servers-unauthorized": 0,
    "mcp_servers-disconnected": 0, "mcp_servers-dead": 0, "mcp_servers-unknown": 0, "mcp_servers-total": 3,
    "percent-servers_connected": 100, "percent-servers_down": 0,
    "current_connections-mcp": 2, "current_connections-events": 1,
    "mcp_workspaces-active": 1, "mcp_workspaces-shutting_down": 0,
    "mcp_capabilities-tools": 36, "mcp_capabilities-resources": 3, "mcp_capabilities-resource_templates": 3,
    "mcp_capabilities-prompts": 3,
    **{f"{what}-{server}": value for server, tools in (("github", 13), ("filesystem", 14), ("memory", 9))
       for what, value in (("mcp_server_state", 0), ("uptime", 100), ("mcp_server_tools", tools),
                           ("mcp_server_resources", 1), ("mcp_server_resource_templates", 1),
                           ("mcp_server_prompts", 1), ("mcp_server_restarts", 0), ("transitions", 0))}}

FLAT_VALUES = {
    "bool-filtering": 1, "mcp_tools-total": 36, "mcp_tools-exposed": 30, "mcp_tools-filtered": 6,
    "percent-filtered": 100 * 6 / 36, "cache_ratio-category": 75, "objects-category_cache": 1,
    "cache_ratio-llm": 81, "objects-llm_cache": 19}

LLM_VALUES = {
    "percent-llm_success": 96.7, "total_requests-llm": 1000, "latency-llm_average": 0.812, "latency-llm_p95": 1.9,
    "latency-llm_p99": 4.8, "cache_ratio-llm": 81, "objects-llm_cache": 19, "cache_result-llm_hit": 81,
    "cache_result-llm_miss": 19, "queue_length-llm": 3, "mcp_breaker_state": 1, "count-breaker_failures": 2}

STATS_VALUES = {
    "flat": FLAT_VALUES,
    "documented": {
        **FLAT_VALUES, **LLM_VALUES, "bytes-llm_cache": 6650, "total_events-breaker_trips": 1,
        "total_operations-llm_success": 967, "total_operations-llm_failed": 33, "total_operations-llm_timeout": 2,
        "total_operations-llm_retry": 4, "total_operations-llm_fallback": 3},
    "scripts": {**LLM_VALUES, "latency-llm_p50": 0.7, "total_operations-queue_processed": 97}}


@pytest.mark.parametrize("shape, rates", SHAPES)
def test_every_value_of_the_shape_and_no_other(hubs, collectd, shape, rates):
    read = collectd.wait_read_of(hubs[f"{shape}-{rates}"], f"{shape}-{rates}")
    assert read.pop("response_time-health") > 0 and read.pop("response_time-filtering") > 0
    expected = {**HEALTH_VALUES, **STATS_VALUES[shape]}
    assert read.keys() == expected.keys()
    assert read == pytest.approx(expected, rel=1e-12)


def test_counters_are_whole_and_values_carry_the_hubs_interval(hubs, collectd):
    read = collectd.wait_read_of(hubs["documented-fraction"], "documented-fraction")
    assert all(isinstance(read[name], int) for name in read
               if name.startswith(("total_", "errors-", "cache_result-", "transitions-", "mcp_server_restarts-")))
    assert collectd.intervals[HOST, "mcp_hub-documented-fraction/bool-up"] == pytest.approx(INTERVAL * SPEED, abs=1e-6)


def test_an_authorization_url_is_told_nowhere(played, collectd):
    played["the_other_states_of_servers_are_no_alert_at_once"].exception(timeout=20 * TIMEOUT)
    for name in ("log", "values", "notifications", "stderr"):
        assert hubsim.SECRET not in (collectd.folder / name).read_text(), name
