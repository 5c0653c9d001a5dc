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
    """Three digits, no exponent."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def amount(value, unit):
    return f"{number(value)} {unit}".strip()


def share(limit):
    """A limit of a ratio as people say it: 1/8, 5."""
    return f"{limit:g}" if limit >= 1 else f"1/{1 / limit:g}"


def compared(what, ours, peer_name, peer, unit, at_most=None):
    """Two figures of one unit, less is better; `at_most` bounds ours/peer."""
    ratio = ours / peer if peer else math.nan
    return Row(what, amount(ours, unit), f"{peer_name} {amount(peer, unit)}", f"{number(ratio)} ×",
               f"≤ {share(at_most)} ×" if at_most else "–", ratio <= at_most if at_most else None)


def bounded(what, ours, unit, at_most, peer="–", ratio="–"):
    """A figure with a limit of its own."""
    return Row(what, amount(ours, unit), peer, ratio, f"≤ {amount(at_most, unit)}", ours <= at_most)


def median(values):
    return statistics.median(values)


def exponent(sizes, costs):
    """Of growth: the slope of log(cost) over log(size), least squares; 1 is linear."""
    return statistics.linear_regression([math.log(s) for s in sizes], [math.log(c) for c in costs]).slope
