# SPDX-License-Identifier: MIT
"""Many hubs, a tenth of which accept and never answer: who is read on time, and what it costs.

Bodies of 36 kB; collectd with its default ReadThreads writes every value as csv. A hub is due
when collectd starts and every interval from then on; a read is on time when its values come
within a second. curl_json reads the same hubs for comparison: a silent hub holds one of its
five threads until the time is out.
"""
import math
import re
import resource
import subprocess
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hubsim
import program
from collector import CSV, Collector, curl_json, mcp_hub
from table import Row, bounded, exponent, number

LATE = 1.0  # seconds
VALUE = re.compile(rb"PUTVAL bench/(\S+) interval=\S+ ([\d.]+):(\S+)")
ANSWERED = re.compile(r"(?:mcp_hub|curl_json)-(h\d+)/(?:bool-up|gauge-activeClients)")


@dataclass
class Size:
    hubs: int
    interval: float  # seconds
    rounds: int
    peer: bool = False

    @property
    def silent(self):
        return self.hubs // 10


SIZES = [Size(1, 2, 6, peer=True), Size(10, 2, 8, peer=True), Size(100, 5, 6, peer=True), Size(1000, 10, 6)]
QUICK_SIZES = [Size(1, 1, 5, peer=True), Size(10, 1, 8, peer=True)]


@contextmanager
def serving(size, body):
    """URLs of the hubs, the silent ones first. The simulated ones (hubsim) would all wait for one Python thread."""
    process = subprocess.Popen([program.WAYS / "hubs", str(size.hubs), str(size.silent), body],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        yield [process.stdout.readline().strip() for _ in range(size.hubs)]
    finally:
        process.terminate()
        process.wait()


def write_body(path):
    """What a hub of three servers says after an hour: 36 kB."""
    with hubsim.Sim() as sim, sim.hub() as hub:
        hub.clock.advance(3600)
        path.write_bytes(hub.health())


@dataclass
class Outcome:
    on_time: int  # healthy hubs that were read within LATE of every due time
    worst: float  # the latest of all reads, seconds; infinite: one never came
    others: float  # how far the uptime plugin was off at worst, seconds
    cpu: float  # seconds an interval
    rss: int  # KiB


def read_times(lines):
    """hub -> times of its good reads, and the times of the uptime plugin."""
    hubs, uptime = defaultdict(list), []
    for line in lines:
        if not (found := VALUE.match(line)):
            continue
        identity = found[1].decode()
        if identity == "uptime/uptime":
            uptime.append(float(found[2]))
        elif (hub := ANSWERED.fullmatch(identity)) and (b"curl" in found[1] or float(found[3]) == 1):
            hubs[hub[1]].append(float(found[2]))
    return hubs, uptime


def lateness(times, start, interval, rounds):
    """Of the first read after each due time and before the next; infinite: none came."""
    worst = 0.0
    for due in (start + k * interval for k in range(rounds)):
        worst = max(worst, min((t - due for t in times if due - 0.1 <= t < due + interval - 0.1), default=math.inf))
    return worst


def run(size, config):
    with Collector(CSV + config, size.interval) as collector:
        time.sleep(0.9 * size.interval)
        cpu = collector.cpu()
        time.sleep((size.rounds - 1) * size.interval)
        cpu, rss = (collector.cpu() - cpu) / (size.rounds - 1), collector.memory()
        collector.stop()
        with open(collector.output, "rb") as lines:
            hubs, uptime = read_times(lines)
    worst = [lateness(hubs[f"h{i}"], uptime[0], size.interval, size.rounds)
             for i in range(size.silent, size.hubs)]
    return Outcome(sum(w <= LATE for w in worst), max(worst, default=0),
                   max(abs(b - a - size.interval) for a, b in zip(uptime, uptime[1:])), cpu, rss)


def allow_connections():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def measure(size, body):
    """What ours makes of it, and curl_json where its turn is."""
    with serving(size, body) as urls:
        return run(size, mcp_hub(urls)), run(size, curl_json(urls)) if size.peer else None


def said(outcome, healthy):
    latest = f"latest {number(outcome.worst)} s" if math.isfinite(outcome.worst) else "some reads never"
    return f"{outcome.on_time} of {healthy}, {latest}"


def timing_row(name, size, ours, peer):
    healthy = size.hubs - size.silent
    return Row(f"{name}, interval {size.interval:g} s: healthy ones read within 1 s of every due time",
               said(ours, healthy), f"curl_json {said(peer, healthy)}" if peer else "–", target="all",
               met=ours.on_time == healthy)


def cost_rows(name, size, ours, peer):
    yield bounded(f"{name}: other plugins late by at most", ours.others, "s", LATE,
                  f"curl_json {number(peer.others)} s" if peer else "–")
    yield bounded(f"{name}: CPU, of a core", 100 * ours.cpu / size.interval, "%", 60,
                  f"curl_json {number(100 * peer.cpu / size.interval)} %" if peer else "–")


def memory_row(name, size, ours, peer, alone):
    """What a further hub takes; `alone` are the outcomes of one hub, ours and curl_json's."""
    further = [f"{number((many.rss - one.rss) / (size.hubs - 1))} KiB" if many else "–"
               for many, one in zip((ours, peer), alone)]
    return Row(f"{name}: resident memory of a further hub", further[0], f"curl_json {further[1]}" if peer else "–")


def rows(scale):
    allow_connections()
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body"
        write_body(body)
        yield from rows_of(QUICK_SIZES if scale.quick else SIZES, body)


def rows_of(sizes, body):
    idle, costs, alone = run(Size(0, 2, 4), ""), [], None
    for size in sizes:
        name = f"{size.hubs:,} hub" + "s" * (size.hubs > 1) + (f", {size.silent} silent" if size.silent else "")
        ours, peer = measure(size, body)
        costs.append(ours.cpu - idle.cpu)
        yield timing_row(name, size, ours, peer)
        yield from cost_rows(name, size, ours, peer)
        if alone:
            yield memory_row(name, size, ours, peer, alone)
        alone = alone or (ours, peer)
    slope = exponent([size.hubs for size in sizes], costs)
    yield Row(f"exponent of growth of the CPU of an interval, {sizes[0].hubs} to {sizes[-1].hubs:,} hubs",
              number(slope), target="linear: ≤ 1.05", met=slope <= 1.05)
