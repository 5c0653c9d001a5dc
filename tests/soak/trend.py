# SPDX-License-Identifier: MIT
"""Whether a figure grows: Theil-Sen slope of a figure of each block, with its interval of confidence.

The slope is the median of the slopes of all pairs of blocks; the interval comes from the
variance of Kendall's S under no trend (Sen 1968), so that neither needs a distribution.
"""
import math
from dataclasses import dataclass
from statistics import fmean, median

BLOCKS = 20
NORMAL_95 = 1.96


@dataclass
class Slope:
    value: float  # per second
    low: float  # of the 95 % interval
    high: float


def blocks(times, values, of):
    """The middle and `of` of about BLOCKS stretches of the same number of samples, in order."""
    size = max(1, len(times) // BLOCKS)
    return [(fmean(times[i:i + size]), of(values[i:i + size])) for i in range(0, len(times) - size + 1, size)]


def slope(times, values, of=fmean):
    points = blocks(times, values, of)
    n = len(points)
    if n < 8:
        raise ValueError(f"{n} blocks say nothing of a trend, expected 8 or more")
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1:])
    spread = NORMAL_95 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Slope(median(slopes), slopes[low], slopes[high])
