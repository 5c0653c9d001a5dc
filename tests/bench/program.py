"""The C programs of this folder: built once, run for a figure."""
import json
import re
import subprocess
import tempfile
from pathlib import Path

from collector import BUILD

WAYS = BUILD / "tests" / "bench"


def build():
    subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/cost", "tests/bench/memory"], check=True,
                   stdout=subprocess.DEVNULL)


def output_of(*command):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def cost(way, target, reads):
    """{"cpu": seconds a read, "values": of a read}; see cost.c."""
    return json.loads(output_of(WAYS / "cost", way, target, reads))


def memory(url, log, reads=5):
    """Bytes; see memory.c."""
    return json.loads(output_of(WAYS / "memory", url, log, reads))


def instructions(way, target):
    """Of one read in user space, counted by callgrind."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=one_read",
                        f"--callgrind-out-file={folder}/out", f"--log-file={report}", WAYS / "cost", way,
                        str(target), "1"], check=True, stdout=subprocess.DEVNULL)
        return int(re.search(r"Collected : (\d+)", report.read_text())[1])
