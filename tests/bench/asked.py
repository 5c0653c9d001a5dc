# SPDX-License-Identifier: MIT
"""What a hub has to answer in an interval, counted by the hub itself."""
import hubsim
import scripts
from collector import Collector, mcp_hub
from table import Row, quotient

INTERVAL = 0.25
READS = 20


def of_scripts():
    with hubsim.Sim() as sim, sim.hub(shape="documented") as hub:
        scripts.run(hub.url)
        return hub.count()


def of_ours(shape):
    """Requests for health and for the statistics, in so many reads."""
    with hubsim.Sim() as sim, sim.hub(shape=shape) as hub, Collector(mcp_hub([hub.url]), INTERVAL) as collector:
        hub.wait_for_answers(READS, hubsim.HEALTH)
        collector.stop()
        return hub.count(hubsim.HEALTH), hub.count(hubsim.STATS)


def rows(scale):
    peer = of_scripts()
    health, stats = of_ours("documented")
    yield Row("requests of an interval, hub with tool filtering", f"1 health, {stats / health:.2g} filtering",
              f"scripts {peer}", quotient((1 + stats / health) / peer), "1 and 1", stats <= health)
    health, stats = of_ours("upstream")
    yield Row("the same, hub without it", f"1 health, and {stats} filtering in {health} intervals",
              f"scripts {peer}", quotient((1 + stats / health) / peer), "1, the other now and then", stats <= 1)
