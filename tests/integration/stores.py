# SPDX-License-Identifier: MIT
"""Simulated hubs with names of every kind, both plugins, and a writer of collectd with the shipped configuration.

    with Scene(folder, "graphite", {"2003": port}) as scene:
        scene.move()          # every counter that can has moved, and was read before and since
        scene.dispatched      # {(host, identity): [(time, value), ...]} of all that collectd dispatched
"""
import json
import math
import os
import re
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import hubsim
from daemon import (DEPLOYED_RULES, OUR_TYPES, SOURCE, STOCK_PLUGINS, STOCK_TYPES, Collectd, alerts_block, hub_block,
                    hubs_block)
from hubsim_catalogue import capabilities

EXAMPLES = SOURCE / "collectd.conf.d" / "examples"
NAMES = ["github", "a.b", "two words", 'say "hi"', "it's", "sla/sh", "../../../etc/passwd", "back\\slash",
         "naïve ☃ 服务", "semi;colon=1", "c,d", "{a,b}*[c]?", "$hub ${hub} %s", "c:\\x", "tab\tbell\a", "new\nline", "hub",
         "-", "`tick`", "<b>&amp;", "x" * 200, "é" * 100, "..", " ", "two\tblanks 1 2\nthree 3 4", "two_blanks 1 2_three 3 4",
         'a"1\nb="d" 2\n#', "$(id)", "[x](http://evil)", "![x](//evil)", "<script>alert(1)</script>", "<@everyone>",
         "\x1b[2J[x]\x9b2J", "\u202eback", "שלום", "nul\0byte", "e\u0301" * 60, "/"]
STATES = ["start_connecting", "disconnect", "disable", "unauthorize", "kill"]  # of the last servers
ODD_HUB = 'odd "hüb". 1'
SILENT_HUB = "gone ☃"
HUBS = ("prod", ODD_HUB, SILENT_HUB)
INTERVAL, SPEED = 1, 5  # second between two reads, which is what a point of Graphite lasts; of collectd


def example(name, values):
    """A shipped configuration file, with other values in the place of those it has."""
    text = (EXAMPLES / f"{name}.conf").read_text()
    for old, new in values.items():
        text, changed = re.subn(rf'^( *\w+ .*)"{old}"', rf'\g<1>"{new}"', text, flags=re.MULTILINE)
        assert changed == 1, f'{name}.conf has {changed} options with "{old}"'
    return f'PluginDir "{STOCK_PLUGINS}"\n{text}'


def born(pid):
    """When a process started, epoch seconds."""
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    boot = int(re.search(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.MULTILINE)[1])
    return boot + ticks / os.sysconf("SC_CLK_TCK")


class Scene:
    """Two hubs that answer, one that does not, and the daemon that reads them; runs while the block lasts."""

    def __init__(self, folder, writer, values):
        self.folder = Path(folder)
        self.log = self.folder / "hub.log"
        self.log.write_text('{"level":"info","msg":"ready"}\n')
        self.ended = ExitStack()
        self.sim = hubsim.Sim()
        self.ended.callback(self.sim.close)
        silent = self.sim.hub()
        silent.stop()
        blocks = [self.block("prod", self.whole_hub()), self.block(ODD_HUB, self.other_hub()),
                  self.block(SILENT_HUB, silent)]
        self.collectd = Collectd(self.folder / "collectd", "\n".join([
            hubs_block(*blocks), alerts_block(DEPLOYED_RULES), example(writer, values)]), interval=INTERVAL, speed=SPEED)

    def block(self, name, hub):
        return hub_block(name, hub.url, Interval=INTERVAL * SPEED, LogFile=self.log, Process="auto")

    def whole_hub(self):
        """Every server has other numbers; this process is the hub's, and a child of it the first server's."""
        self.hub = hub = self.sim.hub("prod", shape="documented", servers=NAMES)
        config = self.folder / "servers.json"
        config.write_text(json.dumps({"mcpServers": {"github": {"command": "sleep", "args": ["3600"]}}}))
        for number, server in enumerate(hub.servers.values()):
            server.set(config_source=str(config), started=hub.clock.now() - 1000 * number - 100,
                       capabilities=capabilities(number + 2, resources=number + 30, prompts=number + 60))
        for server, verb in zip(reversed(hub.servers.values()), STATES):
            getattr(server, verb)()
        child = self.ended.enter_context(subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "sleep", "3600"]))
        self.ended.callback(child.terminate)
        hub.add_workspace(hub.port, os.getpid(), started=born(os.getpid()), config_files=[str(config)])
        hub.set(clients=7)
        hub.subscribe(3)
        hub.llm.call(success=970, failed=30, latency=2400, timeouts=5, retries=6, fallbacks=7)
        hub.cache.ask(hits=700, misses=300)
        hub.queue.set(depth=60)
        hub.breaker.open(failures=4)
        return hub

    def other_hub(self):
        self.other = other = self.sim.hub(shape="scripts", servers=["github", "odd one"])
        other.llm.call(success=99, failed=1)
        other.llm.set_latency(average=500, p50=400, p95=1800, p99=2200)
        other.cache.ask(hits=90, misses=10)
        other.queue.set(depth=3, processed=100)
        return other

    def __enter__(self):
        with ExitStack() as kept:
            kept.enter_context(self.ended)
            kept.enter_context(self.collectd)
            self.ended = kept.pop_all()
        return self

    def __exit__(self, *how):
        return self.ended.__exit__(*how)

    def move(self):
        """All counters that can move have moved, and rounds were read before and since; the time of the last change."""
        self.collectd.wait_reads_of(["prod", ODD_HUB])
        self.hub.llm.call(success=21, failed=22, timeouts=23, retries=24, fallbacks=25)
        self.hub.cache.ask(hits=26, misses=27)
        self.hub.breaker.set(trips=28)
        self.hub.server("a.b").reconnect()
        self.other.queue.set(processed=130)
        with self.log.open("a") as log:
            log.write('{"level":"error","msg":"x"}\n{"level":"warn","msg":"x"}\n')
        moved = time.time()
        self.collectd.wait_reads_of(["prod", ODD_HUB], 4)
        self.collectd.wait_value(f"mcp_hub_alerts-{SILENT_HUB}/mcp_alerts-critical", lambda count: count == 1)
        return moved

    @property
    def dispatched(self):
        """{(host, identity): [(time, value), ...]} of our plugins; a value of several sources is a tuple."""
        self.collectd.poll()
        return {key: list(seen) for key, seen in list(self.collectd.series.items())
                if key[1].startswith("mcp_hub")}

    def states(self, hub):
        """{server: state} as last dispatched."""
        head = f"mcp_hub-{hub}/mcp_server_state-"
        return {identity[len(head):]: seen[-1][1] for (_, identity), seen in self.dispatched.items()
                if identity.startswith(head)}


# what a store must hold

def sources():
    """{type: [(data source, kind), ...]}"""
    found = {}
    for path in (STOCK_TYPES, OUR_TYPES):
        for name, rest in re.findall(r"^(\w+)\s+(.+)$", Path(path).read_text(), re.MULTILINE):
            found[name] = [tuple(source.split(":")[:2]) for source in re.split(r",\s*", rest)]
    return found


@dataclass(frozen=True)
class Series:
    """One data source of one value."""
    host: str
    plugin: str
    plugin_instance: str
    type: str
    type_instance: str
    source: str
    counter: bool


def series_of(dispatched):
    """{Series: [(time, value), ...]}"""
    types, found = sources(), {}
    for (host, identity), points in dispatched.items():
        head, tail = identity.split("/")
        plugin, _, plugin_instance = head.partition("-")
        kind, _, type_instance = tail.partition("-")
        for place, (source, unit) in enumerate(types[kind]):
            series = Series(host, plugin, plugin_instance, kind, type_instance, source, unit != "GAUGE")
            found[series] = [(at, value[place] if isinstance(value, tuple) else value) for at, value in points]
    return found


def rates(points):
    """Of a counter, per second."""
    return [(t, (v - v0) / (t - t0)) for (t0, v0), (t, v) in zip(points, points[1:])]


def lacking(names, stored, moved):
    """The first name of which a store has nothing after that time, or None."""
    return next((name for name in names if name not in stored or stored[name][-1:] <= [(moved,)]), None)


def differences(wanted, stored, tolerance):
    """What is wrong with {name: [(time, value), ...]} in a store: [] when every name is there, no other, and every
    value is one that was dispatched at that time, give or take `tolerance` seconds (a rate over a moment is not exact)."""
    wrong = [f"missing: {name}" for name in wanted.keys() - stored.keys()]
    wrong += [f"not ours: {name}" for name in stored.keys() - wanted.keys()]
    for name in wanted.keys() & stored.keys():
        for at, value in stored[name]:
            then = [v for t, v in wanted[name] if abs(t - at) <= tolerance]
            if not any(math.isclose(v, value, rel_tol=1e-4, abs_tol=1e-9) for v in then):
                wrong.append(f"{name} at {at}: {value}, dispatched {then or 'nothing'}")
    return wrong
