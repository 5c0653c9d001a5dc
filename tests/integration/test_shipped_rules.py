# SPDX-License-Identifier: MIT
"""The alerts.json that is installed, in a real collectd: what a hub can show within seconds.

The unit test of the same name plays hours and weeks. Here the durations are a sixtieth of
the real ones (shipped.quicker), except in the story, which also runs as installed. Every
scene has a hub of its own; all of them share one collectd and are played side by side.
"""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

import hubsim
from daemon import HOST, INTERVAL, TIMEOUT, Collectd, alerts_block, hub_block, hubs_block
from hubsim_catalogue import NOTHING, capabilities
from hubsim_story import INCIDENT, play
from shipped import quicker, shipped

TIMES, LONGEST = 60, 10
PACE = 5  # of collectd, for many hubs
SEEN = 11  # seconds of health before a scene: the longest window that must be full
SCENES = {}  # name -> (function, what is told of: {rule: level}, rules that end, rules that may be told of,
#                       rules that may be info before they end, options of the hub)

# What takes a process of the hub, a day of experience, or minutes even at this pace; and what is off.
UNIT_TEST_ONLY = {"cpu_percent", "memory_percent", "memory_mb", "memory_leak", "llm_latency_unusual",
                  "llm_success_unusual", "hub_crash_loop", "hub_budget_slow", "hub_silent"}


class Scene:
    def __init__(self, name, hub, collectd, log):
        self.name, self.hub, self.collectd, self.log = name, hub, collectd, log

    def read(self, n=1):
        for _ in range(n):
            self.collectd.wait_read_of(self.hub, self.name)

    def seen_for(self, seconds):
        key = HOST, f"mcp_hub-{self.name}/bool-up"
        self.collectd.wait_until(lambda: (series := self.collectd.series[key]) and
                                 series[-1][0] - series[0][0] >= seconds, f"{seconds} s of hub {self.name}")

    def write(self, line, times=1):
        with open(self.log, "a") as file:
            file.write((line + "\n") * times)

    def told(self):
        """{rule: [level, ...]}, in order; ok is the end."""
        levels = {}
        for n in self.collectd.notified(plugin_instance=self.name):
            assert self.name in n["message"] and len(n["message"].encode()) <= 255
            levels.setdefault(n["meta"]["rule"][1], []).append(n["meta"]["level"][1])
        return levels

    def wait_told(self, rule, level):
        self.collectd.wait_notification(plugin_instance=self.name, rule=rule, level=level)


def scene(told, lasting=(), perhaps=(), fading=(), **options):
    """The function makes the hub sick and returns what heals it (None: it ends by itself). What is lasting ends when it
    takes long here, `perhaps` comes then."""
    def enter(function):
        SCENES[function.__name__] = (function, told, set(told) - set(lasting), perhaps, fading, options)
        return function
    return enter


@scene({"hub_down": "critical", "hub_budget_fast": "warning"}, lasting=["hub_budget_fast"], perhaps=["hub_budget_slow"])
def hub_goes_away(scene):
    scene.hub.stop()
    scene.wait_told("hub_down", "critical")
    return scene.hub.start


@scene({"hub_starting": "warning"})
def hub_hangs_in_its_start(scene):
    scene.hub.state = "starting"
    return lambda: scene.hub.set(state="ready")


@scene({"hub_restarting": "warning"})
def hub_fails_to_reload(scene):
    scene.hub.state = "restarting"
    return lambda: scene.hub.set(state="restarted")


@scene({"hub_error": "critical"})
def hub_is_in_error(scene):
    scene.hub.state = "error"
    return lambda: scene.hub.set(state="ready")


@scene({"hub_restarted": "info"})
def hub_restarts_between_two_reads(scene):
    scene.hub.reset()


@scene({"api_response_time": "warning"})
def hub_answers_slowly(scene):
    scene.hub.fault("slow", path=hubsim.HEALTH, delay=2.2)
    return scene.hub.heal


@scene({"active_clients": "critical"})
def many_clients(scene):
    scene.hub.clients = 11
    return lambda: scene.hub.set(clients=1)


@scene({"all_servers_down": "critical"})
def all_servers_disconnect(scene):
    with scene.hub.lock:
        for server in scene.hub.servers.values():
            server.disconnect()
    scene.wait_told("all_servers_down", "critical")
    scene.read(4)  # longer than one that is down is let pass

    def all_at_once():
        with scene.hub.lock:
            for server in scene.hub.servers.values():
                server.connect()
    return all_at_once


@scene({"server_down": "warning", "servers_disconnected": "info"})
def server_disconnects(scene):
    scene.hub.server("memory").disconnect()
    return scene.hub.server("memory").connect


@scene({"server_dead": "warning"})
def server_dies(scene):
    scene.hub.server("memory").kill()
    return scene.hub.server("memory").reconnect


@scene({"server_connecting": "warning"})
def server_does_not_get_connected(scene):
    scene.hub.server("memory").start_connecting()
    return scene.hub.server("memory").connect


@scene({"server_unauthorized": "warning"})
def server_needs_authorization(scene):
    scene.hub.server("memory").unauthorize()
    return scene.hub.server("memory").connect


@scene({"server_reconnects": "warning"}, Interval=2)
def server_reconnects_again_and_again(scene):
    while "server_reconnects" not in scene.told():
        scene.hub.server("memory").reconnect()
        scene.read()


@scene({"server_no_tools": "info", "server_lost_tools": "warning"}, fading=["server_lost_tools"])
def server_offers_nothing(scene):
    """The loss of 26 tools leaves its window in parts."""
    full = scene.hub.server("github").capabilities
    scene.hub.server("github").capabilities = NOTHING
    scene.wait_told("server_lost_tools", "warning")
    return lambda: scene.hub.server("github").set(capabilities=full)


@scene({"server_lost_tools": "info"})
def server_offers_a_tool_less(scene):
    scene.hub.server("github").capabilities = capabilities(12)


@scene({"llm_success_rate": "critical", "llm_error_rate": "warning"})
def llm_calls_fail(scene):
    scene.hub.llm.call(failed=200)
    return lambda: scene.hub.llm.call(success=100_000)


@scene({"p95_latency": "warning", "llm_slow": "warning"})
def llm_is_slow(scene):
    scene.hub.llm.set_latency(p95=11_000)
    return lambda: scene.hub.llm.set_latency(p95=800)


@scene({"p99_latency": "warning"})
def llm_is_slow_at_times(scene):
    scene.hub.llm.set_latency(p99=5100)
    return lambda: scene.hub.llm.set_latency(p99=1500)


@scene({"cache_hit_rate": "warning", "cache_misses": "info"})
def cache_misses(scene):
    scene.hub.cache.ask(misses=1000)
    return lambda: scene.hub.cache.ask(hits=100_000)


@scene({"queue_depth": "critical"})
def queue_grows(scene):
    scene.hub.queue.depth = 51
    return lambda: scene.hub.queue.set(depth=0)


@scene({"circuit_breaker_state": "critical"})
def breaker_opens(scene):
    scene.hub.breaker.open(failures=5)
    return scene.hub.breaker.close


@scene({"circuit_breaker_failures": "warning"})
def breaker_counts_failures(scene):
    scene.hub.breaker.failures = 3
    return lambda: scene.hub.breaker.set(failures=0)


@scene({"error_count": "warning", "error_spike": "warning"})
def log_has_errors(scene):
    scene.write(json.dumps({"level": "error", "msg": "it failed"}), 30)
    scene.wait_told("error_count", "warning")
    scene.wait_told("error_spike", "warning")
    return lambda: scene.write(json.dumps({"level": "info", "msg": "it works"}), 100)


@scene({"connection_flaps": "warning"})
def log_has_disconnects(scene):
    scene.write("'github' transport closed", 4)


@scene({"log_size_mb": "critical", "log_growth_mb_per_hour": "warning"}, lasting=["log_growth_mb_per_hour"])
def log_grows(scene):
    with open(scene.log, "r+b") as file:
        file.truncate(101 << 20)
    scene.wait_told("log_size_mb", "critical")
    return lambda: scene.log.write_text("")


@scene({})
def health(scene):
    """Calls, a server that reconnects, and then no load."""
    for number in range(12):
        scene.hub.llm.call(success=20, latency=700)
        scene.hub.cache.ask(hits=18, misses=2)
        if number in (3, 9):
            scene.hub.server("memory").reconnect()
        scene.read()
    scene.read(10)


def made_hub(sim, name):
    """A hub with an hour behind it."""
    hub = sim.hub(name, shape="documented")
    hub.set(clients=1)
    hub.llm.call(success=1000, latency=700)
    hub.cache.ask(hits=900, misses=100)
    hub.clock.advance(3600)
    return hub


@pytest.fixture(scope="module")
def scenes(sim, tmp_path_factory):
    """name -> future of all that was told."""
    folder = tmp_path_factory.mktemp("shipped")
    rules = folder / "alerts.json"
    rules.write_text(json.dumps({**quicker(TIMES, LONGEST), "notify_info": True}))
    hubs, blocks = {}, []
    for name, (*_, options) in SCENES.items():
        hubs[name] = made_hub(sim, name)
        (folder / f"{name}.log").write_text(json.dumps({"level": "info", "msg": "ready"}) + "\n")
        blocks.append(hub_block(name, hubs[name].url, LogFile=folder / f"{name}.log", **options))
    with Collectd(folder / "collectd", hubs_block(*blocks) + "\n" + alerts_block(rules), interval=0.5, speed=PACE) as collectd:
        def run(name):
            function, told, ends, *_ = SCENES[name]
            here = Scene(name, hubs[name], collectd, folder / f"{name}.log")
            here.seen_for(SEEN)
            assert here.told() == {}
            heal = function(here)
            for rule in ends:
                here.wait_told(rule, told[rule])
            if heal:
                heal()
            for rule, level in told.items():
                here.wait_told(rule, "ok" if rule in ends else level)
            here.read(2)  # nothing more may come
            return here.told()
        with ThreadPoolExecutor(len(SCENES)) as pool:
            yield {name: pool.submit(run, name) for name in SCENES}


@pytest.mark.parametrize("name", SCENES)
def test_exactly_these_alerts(scenes, name):
    _, told, ends, perhaps, fading, _ = SCENES[name]
    seen = scenes[name].result(timeout=20 * TIMEOUT)
    for rule in told.keys() - ends:
        assert seen[rule] in ([told[rule]], [told[rule], "ok"])
        seen[rule] = [told[rule]]
    for rule in fading:
        if seen[rule] == [told[rule], "info", "ok"]:
            seen[rule] = [told[rule], "ok"]
    assert {rule: levels for rule, levels in seen.items() if rule not in perhaps} == {
        rule: [level, "ok"] if rule in ends else [level] for rule, level in told.items()}


def test_every_rule_is_here_or_in_the_unit_test():
    rules = {rule["name"] for rule in shipped()["rules"]}
    named = {name for level in ("critical", "warning", "info") for name in shipped()[level]}
    told = {rule for _, told, *_ in SCENES.values() for rule in told}
    assert named <= rules  # each is inhibited by hub_down
    assert told | UNIT_TEST_ONLY == rules | {"hub_down", "all_servers_down", "server_dead", "server_down"}
    assert not told & UNIT_TEST_ONLY


# the story of the demonstration

AS_INSTALLED = {
    "circuit_breaker_failures": ["warning"],  # their end waits for two minutes
    "circuit_breaker_state": ["critical"],
    "server_dead": ["warning", "ok"],
    "hub_down": ["critical", "ok"],
}
QUICKER = {
    "llm_success_rate": ["warning", "critical", "ok"],
    "llm_error_rate": ["warning", "ok"],
    "p95_latency": ["warning", "ok"],
    "p99_latency": ["warning", "ok"],
    "cache_hit_rate": ["warning", "ok"],
    "queue_depth": ["warning", "critical", "warning", "ok"],
    "circuit_breaker_failures": ["warning", "ok"],
    "circuit_breaker_state": ["critical", "warning", "ok"],
    "server_dead": ["warning", "ok"],
    "hub_down": ["critical", "ok"],
    "hub_budget_fast": ["warning"],  # its window is a minute here
}


@pytest.fixture(scope="module")
def story(sim, tmp_path_factory):
    """What two daemons told of it: {"installed": …, "quicker": …}."""
    folder = tmp_path_factory.mktemp("story")
    hub = sim.hub("story", "documented", servers=8)
    hub.clock.advance(3600)
    daemons = {}

    def second(_):
        """As many reads as there are in one."""
        wanted = {name: len(daemon.rounds[HOST, "story"]) + round(1 / INTERVAL) for name, daemon in daemons.items()}
        for name, daemon in daemons.items():
            daemon.wait_until(lambda: len(daemon.rounds[HOST, "story"]) >= wanted[name], "a second of the story")
    for name, rules in (("installed", shipped()), ("quicker", quicker(TIMES, LONGEST))):
        (folder / f"{name}.json").write_text(json.dumps(rules))
        daemons[name] = Collectd(folder / name, hubs_block(hub_block("story", hub.url)) + "\n"
                                 + alerts_block(folder / f"{name}.json"))
    with daemons["installed"], daemons["quicker"]:
        for daemon in daemons.values():
            daemon.wait_reads(1, "story")
        assert play(hub, INCIDENT, second, lambda at, words: None)
        for daemon in daemons.values():
            daemon.wait_read_of(hub, "story")
        yield {name: Scene("story", hub, daemon, None).told() for name, daemon in daemons.items()}


def test_the_story_as_installed(story):
    assert story["installed"] == AS_INSTALLED


def test_the_story_sixty_times_as_impatient(story):
    assert story["quicker"] == QUICKER
