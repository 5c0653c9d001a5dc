"""A whole collectd that reads the big hub: our plugin, curl_json, and one that reads nothing.

Ten entries of one hub every 0.1 s. A read costs what the process spends, less what the idle
one does. All have mcp_hub_alerts as their writer, so that every value is also looked at.
"""
import functools
import time
from dataclasses import dataclass

import hubsim
from collector import ALERTS, Collector, curl_json, mcp_hub
from table import bounded, compared, median

INTERVAL = 0.1
ENTRIES = 10
PLUGINS = {"mcp_hub": lambda urls: mcp_hub(urls, Timeout=INTERVAL), "curl_json": curl_json, None: lambda urls: ""}


@dataclass
class Figures:
    cpu: float  # seconds a read, or a second of the idle one
    values: int = 0  # of a read
    peak: int = 0  # KiB


def run(hub, plugin, seconds):
    """CPU seconds a second of the process, reads a second, values and peak."""
    with Collector(ALERTS + PLUGINS[plugin]([hub.url] * ENTRIES), INTERVAL) as collector:
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


@functools.cache
def figures(rounds, seconds):
    """plugin -> Figures, medians of several rounds."""
    runs = {plugin: [] for plugin in PLUGINS}
    with hubsim.Sim() as sim, sim.hub(shape="documented") as hub:
        hub.big()
        for _ in range(rounds):
            idle = run(hub, None, seconds)
            runs[None].append(Figures(idle[0], 0, idle[3]))
            for plugin in ("mcp_hub", "curl_json"):
                cpu, reads, values, peak = run(hub, plugin, seconds)
                runs[plugin].append(Figures((cpu - idle[0]) / reads, values, peak))
    return {plugin: Figures(median(f.cpu for f in all), all[-1].values, max(f.peak for f in all))
            for plugin, all in runs.items()}


def rows(scale):
    found = figures(scale.rounds, scale.seconds)
    ours, peer, idle = found["mcp_hub"], found["curl_json"], found[None]
    yield compared(f"whole collectd, CPU of a read with all its values ({ours.values}; curl_json reaches "
                   f"{peer.values})", 1000 * ours.cpu, "curl_json", 1000 * peer.cpu, "ms", at_most=1)
    yield compared("the same for each value", 1e6 * ours.cpu / ours.values, "curl_json",
                   1e6 * peer.cpu / peer.values, "µs", at_most=1 / 2)
    yield compared("whole collectd, peak memory above an idle one, ten hubs", ours.peak - idle.peak, "curl_json",
                   peer.peak - idle.peak, "KiB")
