# SPDX-License-Identifier: MIT
"""Every way to read the big hub, measured in turns: noise of the machine meets all of them alike.

The C program (cost.c) reads a hub without tool filtering, one request a read for everyone. A
whole collectd has ten entries of a hub, with tool filtering, every 0.1 s: a read costs what the
process spends, less what one spends that reads nothing. All of these have mcp_hub_alerts as
their writer, so that every value is also looked at.
"""
import functools
import time
from collections import defaultdict

import hubsim
import program
import scripts
from collector import ALERTS, Collector, curl_json, mcp_hub

INTERVAL = 0.1
ENTRIES = 10
CALLGRIND_INTERVAL = 2.0  # seconds: everything takes fifty times as long
CALLGRIND_READS = (20, 60)


def configuration(plugin, urls, interval):
    if plugin is None:
        return ALERTS
    return ALERTS + (mcp_hub(urls, Timeout=interval) if plugin == "mcp_hub" else curl_json(urls))


def run(hub, plugin, seconds):
    """CPU seconds a second of the process, reads a second, values of a read, and peak KiB."""
    with Collector(configuration(plugin, [hub.url] * ENTRIES, INTERVAL), INTERVAL) as collector:
        if plugin:
            hub.wait_for_more(3 * ENTRIES, hubsim.HEALTH)
        else:
            time.sleep(1)
        start, cpu, reads = time.monotonic(), collector.cpu(), hub.count(hubsim.HEALTH)
        time.sleep(seconds)
        cpu, reads = collector.cpu() - cpu, hub.count(hubsim.HEALTH) - reads
        took = time.monotonic() - start
        values = collector.series(plugin, "h0") if plugin else 0
        return cpu / took, reads / took, values, collector.memory("VmHWM")


def one_round(scale, plain, filtering, found):
    found["bytes"].append(len(plain.health()))
    for way in ("reader", "discard", "json-c"):
        found[way].append(program.cost(way, plain.url, scale.reads)["cpu"])
    found["scripts"].append(scripts.run(filtering.url))
    idle, _, _, idle_peak = run(filtering, None, scale.seconds)
    for plugin in ("mcp_hub", "curl_json"):
        cpu, reads, values, peak = run(filtering, plugin, scale.seconds)
        found[plugin].append((cpu - idle) / reads)
        found[plugin, "values"].append(values)
        found[plugin, "KiB"].append(peak - idle_peak)


@functools.cache
def measure(scale):
    """way -> CPU seconds of a read in each round; (plugin, "values") and (plugin, "KiB") of a whole
    collectd; "bytes" of the body."""
    found = defaultdict(list)
    with hubsim.Sim() as sim, sim.hub(shape="upstream") as plain, sim.hub(shape="documented") as filtering:
        plain.big()
        filtering.big()
        for _ in range(scale.rounds):
            one_round(scale, plain, filtering, found)
    return found


def callgrind_run(hub, plugin, reads):
    """Instructions of a whole collectd, and how often it read."""
    hub.forget()
    config = configuration(plugin, [hub.url] * ENTRIES, CALLGRIND_INTERVAL)
    with Collector(config, CALLGRIND_INTERVAL, program.CALLGRIND) as collector:
        hub.wait_for_answers(reads, hubsim.HEALTH, timeout=300)
        collector.stop()
        return program.collected(collector.errors), hub.count(hubsim.HEALTH)


def instructions(plugin):
    """Of a read by a whole collectd: what more reads take in addition."""
    with hubsim.Sim() as sim, sim.hub(shape="documented") as hub:
        hub.big()
        (few, first), (many, last) = (callgrind_run(hub, plugin, reads) for reads in CALLGRIND_READS)
    return (many - few) / (last - first)


@functools.cache
def instructions_of_curl_json():
    return instructions("curl_json")
