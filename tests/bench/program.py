# SPDX-License-Identifier: MIT
"""The C programs of this folder: built once, run for a figure."""
import json
import re
import subprocess
import tempfile
from pathlib import Path

from collector import BUILD

WAYS = BUILD / "tests" / "bench"
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def build():
    programs = [f"tests/bench/{name}" for name in ("alerts", "cost", "hubs", "memory")]
    subprocess.run(["make", "-s", "-C", BUILD, *programs], check=True, stdout=subprocess.DEVNULL)


def output_of(*command):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def cost(way, target, reads):
    """{"cpu": seconds a read, "values": of a read}; see cost.c."""
    return json.loads(output_of(WAYS / "cost", way, target, reads))


def memory(url, log, reads=5):
    """Bytes; see memory.c."""
    return json.loads(output_of(WAYS / "memory", url, log, reads))


def collected(report):
    """The total in what callgrind says at its end."""
    return int(re.search(r"Collected : (\d+)", Path(report).read_text())[1])


def counted(function, *command):
    """Instructions within a function of one of the programs, in user space, and what it printed."""
    with tempfile.NamedTemporaryFile() as report:
        ran = subprocess.run([*CALLGRIND, f"--toggle-collect={function}", *map(str, command)], check=True,
                             stdout=subprocess.PIPE, stderr=report)
        return collected(report.name), json.loads(ran.stdout)


def instructions(way, target):
    """Of one read."""
    return counted("one_read", WAYS / "cost", way, target, 1)[0]


def alerts(function, series, rounds):
    """{"cpu": seconds a sample, "bytes": a rule and series}; see alerts.c."""
    return json.loads(output_of(WAYS / "alerts", function, series, rounds))


def instructions_of_alerts(function, series):
    """Of a sample: what more rounds take in addition."""
    few, many = ((counted("one_round", WAYS / "alerts", function, series, rounds)) for rounds in (1, 4))
    return (many[0] - few[0]) / (3 * series)
