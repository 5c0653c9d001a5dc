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
    programs = [f"tests/bench/{name}" for name in ("cost", "hubs", "memory")]
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


def instructions(way, target):
    """Of one read in user space, counted by callgrind."""
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run([*CALLGRIND, "--toggle-collect=one_read", WAYS / "cost", way, target, "1"], check=True,
                       stdout=subprocess.DEVNULL, stderr=report)
        return collected(report.name)
