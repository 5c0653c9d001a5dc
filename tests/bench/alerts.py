# SPDX-License-Identifier: MIT
"""What watching a value costs: the engine by itself, then a whole collectd beside its own `threshold` plugin.

The whole collectds get the same values over a unixsock, in turns. What one without either spends on them is by
far the most, and its CPU time varies by more than the rest: only instructions are taken off. It has `aggregation`
look away, as collectd without any writer spends its time on complaints. `threshold` has one rule for each value;
ours ten, and twenty that want none of them.
"""
import contextlib
import json
import socket
import tempfile
import time
from pathlib import Path

import program
from collector import BUILD, STOCK, Collector, block
from table import Row, amount, bounded, compared, exponent, median, number

SERIES = 10_000
SIZES = (1_000, 10_000, 100_000)
MATCHED = 3  # as in alerts.c
FED = 2_000  # series of a whole collectd
RULES = 10  # that want each of them
OTHERS = 20
PIECE = 500  # lines on their way at a time
VALUES = 10  # of a line: collectd's own work on it meets more of them
INTERVAL = 10.0


# ---- the engine ----

def engine(function, series, samples):
    found = program.alerts(function, series, max(1, samples // series))
    return found["cpu"] * 1e9, found["bytes"]


def rows_of_engine(scale):
    samples = 300_000 if scale.quick else 3_000_000
    what = f"alert engine, {number(SERIES)} series × 100 rules"
    for function, name in (("value", "values"), ("avg", "means of 10 min")):
        found = [engine(function, SERIES, samples) for _ in range(scale.rounds)]
        cpu = median([cpu for cpu, _ in found]) / MATCHED
        yield bounded(f"{what}, {MATCHED} of {name} want a series: CPU of a sample and wanting rule", cpu, "ns", 1000)
        yield Row(f"{what}: instructions of the same",
                  amount(program.instructions_of_alerts(function, SERIES) / MATCHED, ""))
        yield bounded(f"{what}: heap of a rule and series", found[0][1], "bytes", 1024)
    cpu = median([engine("none", SERIES, samples)[0] for _ in range(scale.rounds)])
    yield bounded(f"{what}, none wants the series: CPU of a sample", cpu, "ns", 100)
    yield Row(f"{what}: instructions of the same", amount(program.instructions_of_alerts("none", SERIES), ""))


def rows_of_growth(scale):
    costs = [size * median([engine("value", size, 1_000_000)[0] for _ in range(scale.rounds)]) for size in SIZES]
    counts = [size * program.instructions_of_alerts("value", size) for size in SIZES]
    for what, found in (("CPU", costs), ("instructions", counts)):
        slope = exponent(SIZES, found)
        yield Row(f"alert engine: exponent of growth of the {what}, {number(SIZES[0])} to {number(SIZES[-1])} series",
                  number(slope), target="linear: ≤ 1.05", met=slope <= 1.05)


# ---- a whole collectd ----

def rules_of(folder):
    """Ten rules that want every value that is fed, and others."""
    rules = [{"name": f"r{i}", "metric": f"*/{'fed' if i < RULES else 'other'}-*/gauge-*", "op": ">",
              "warning": 1000 + i, "critical": 2000 + i} for i in range(RULES + OTHERS)]
    path = Path(folder) / "alerts.json"
    path.write_text(json.dumps({"rules": rules}))
    return path


def configurations(folder):
    limits = ['  <Plugin "fed">\n    <Type "gauge">\n      WarningMax 1000\n      FailureMax 2000\n'
              '    </Type>\n  </Plugin>']
    aggregation = ['  <Aggregation>\n    Plugin "other"\n    Type "other"\n    GroupBy "Host"\n    CalculateSum true\n'
                   '  </Aggregation>']
    nothing = block("aggregation", STOCK, aggregation)
    return {"nothing": nothing,
            "threshold": block("threshold", STOCK, limits),
            "ours": block("mcp_hub_alerts", BUILD / ".libs",
                          [f'  Rules "{rules_of(folder)}"', f'  StateFile "{folder}/state"'])}


class Feeder:
    """Sends a value of every series, again and again, to one collectd."""

    def __init__(self, collector):
        self.collector = collector
        self.round = 0
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                self.socket.connect(str(collector.folder / "socket"))
                break
            time.sleep(0.05)
        self.answers = self.socket.makefile("rb")

    def feed(self):
        stamps = [1_700_000_000 + INTERVAL * (self.round * VALUES + i) for i in range(VALUES)]
        self.round += 1
        for first in range(0, FED, PIECE):
            self.socket.sendall("".join(
                f"PUTVAL bench/fed-{i // 100}/gauge-{i} interval={INTERVAL} "
                f"{' '.join(f'{stamp}:{(i + self.round) % 97}' for stamp in stamps)}\n"
                for i in range(first, first + PIECE)).encode())
            for _ in range(PIECE):
                answer = self.answers.readline()
                assert answer.startswith(b"0 "), answer

    def settle(self):
        """Until its threads have nothing to do: the write queue is empty."""
        cpu = self.collector.cpu()
        while True:
            time.sleep(0.3)
            before, cpu = cpu, self.collector.cpu()
            if cpu - before < 0.002:
                return cpu

    def cost(self, rounds):
        """CPU seconds of a value, all threads."""
        start = self.settle()
        for _ in range(rounds):
            self.feed()
        return (self.settle() - start) / (rounds * FED * VALUES)


def feed_collectors(scale, rounds):
    found = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        feeders = {name: Feeder(stack.enter_context(Collector(config, INTERVAL)))
                   for name, config in configurations(folder).items()}
        for feeder in feeders.values():
            feeder.cost(3)
        for _ in range(scale.rounds):
            for name, feeder in feeders.items():
                found.setdefault(name, []).append(feeder.cost(rounds))
    return found


def instructions_of(config, rounds):
    with Collector(config, INTERVAL, program.CALLGRIND) as collector:
        feeder = Feeder(collector)
        for _ in range(rounds):
            feeder.feed()
        feeder.settle()
        collector.stop()
        return program.collected(collector.errors)


def instructions():
    """Of a value: what more rounds take in addition."""
    few, many = 1, 3
    with tempfile.TemporaryDirectory() as folder:
        return {name: (instructions_of(config, many) - instructions_of(config, few)) / ((many - few) * FED * VALUES)
                for name, config in configurations(folder).items()}


def rows_of_collectd(scale):
    found = feed_collectors(scale, 3 if scale.quick else 20)
    what = f"whole collectd, {number(FED)} series, {RULES} rules want each, one of `threshold`"
    yield compared(f"{what}: CPU of a value, all of it ({amount(median(found['nothing']) * 1e6, 'µs')} without either)",
                   found["ours"], "threshold", found["threshold"], "µs", 1e6)
    counted = instructions()
    ours, peer = (counted[name] - counted["nothing"] for name in ("ours", "threshold"))
    yield compared(f"{what}: instructions beyond the {number(counted['nothing'])} without either", [ours], "threshold",
                   [peer], "", at_most=1)


def rows(scale):
    yield from rows_of_engine(scale)
    yield from rows_of_growth(scale)
    yield from rows_of_collectd(scale)
