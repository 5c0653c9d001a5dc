# SPDX-License-Identifier: MIT
"""The table that comes out: a row is one figure, ours beside its peer's, as Markdown."""
import math
import statistics
from dataclasses import dataclass

HEAD = ("what", "ours", "peer", "ratio", "target", "met?")


@dataclass
class Row:
    what: str
    ours: str
    peer: str = "–"
    ratio: str = "–"
    target: str = "–"
    met: bool | None = None

    def cells(self):
        verdict = {None: "–", True: "yes", False: "**no**"}[self.met]
        return (self.what, self.ours, self.peer, self.ratio, self.target, verdict)


def line(cells):
    return "| " + " | ".join(cells) + " |"


def head():
    return line(HEAD) + "\n" + "|---" * len(HEAD) + "|"


def number(value):
    """Three digits, or all of those before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def amount(value, unit):
    return f"{number(value)} {unit}".strip()


def quotient(value):
    """A ratio as people say it: 4.12, 1/8."""
    return f"1/{number(1 / value)}" if 0 < value < 1 else number(value)


def compared(what, ours, peer_name, peer, unit, scale=1, at_most=None):
    """Two figures, less is better, each a list with one of every round; shown in `unit`, that is times `scale`.

    The ratio is the median of the rounds' ratios; `at_most` bounds it.
    """
    ratio = median(a / b for a, b in zip(ours, peer))
    return Row(what, amount(median(ours) * scale, unit), f"{peer_name} {amount(median(peer) * scale, unit)}",
               quotient(ratio), f"≤ {quotient(at_most)}" if at_most else "–",
               ratio <= at_most if at_most else None)


def bounded(what, ours, unit, at_most, peer="–"):
    """A figure with a limit of its own."""
    return Row(what, amount(ours, unit), peer, "–", f"≤ {at_most:g} {unit}", ours <= at_most)


def median(values):
    return statistics.median(values)


def exponent(sizes, costs):
    """Of growth: the slope of log(cost) over log(size), least squares; 1 is linear."""
    return statistics.linear_regression([math.log(s) for s in sizes], [math.log(c) for c in costs]).slope
