# SPDX-License-Identifier: MIT
"""How the cost of a read grows with the body: the bytes from a file, in pieces as libcurl hands them over."""
import tempfile
from pathlib import Path

import hubsim
import program
from table import Row, compared, exponent, median, number

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
QUICK_SIZES = SIZES[:3]


def name(size):
    return f"{size // 1000} kB" if size < 1_000_000 else f"{size // 1_000_000} MB"


def measure(way, body, reads, rounds):
    """CPU seconds of a read in each round, and its instructions."""
    return [program.cost(way, body, reads)["cpu"] for _ in range(rounds)], [program.instructions(way, body)]


def rows(scale):
    sizes = QUICK_SIZES if scale.quick else SIZES
    ours, peer = [], []
    with tempfile.TemporaryDirectory() as folder, hubsim.Sim() as sim, sim.hub(shape="upstream") as hub:
        body = Path(folder) / "body"
        for size in sizes:
            body.write_bytes(hub.payload(size).health())
            reads = max(3, 10_000_000 // size)
            ours.append(measure("reader-file", body, reads, scale.rounds))
            peer.append(measure("json-c-file", body, max(3, reads // 10), scale.rounds))
            yield compared(f"body of {name(size)}: CPU", ours[-1][0], "json-c", peer[-1][0], "ms", 1000)
            yield compared(f"body of {name(size)}: instructions", ours[-1][1], "json-c", peer[-1][1], "million",
                           1e-6)
    for place, what in enumerate(("CPU", "instructions")):
        slope, other = (exponent(sizes, [median(costs[place]) for costs in all]) for all in (ours, peer))
        yield Row(f"exponent of growth of the {what}, {name(sizes[0])} to {name(sizes[-1])}", number(slope),
                  f"json-c {number(other)}", target="linear: ≤ 1.05", met=slope <= 1.05)
