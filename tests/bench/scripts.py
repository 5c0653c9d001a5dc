# SPDX-License-Identifier: MIT
"""The operators' way: a shell script with curl and jq, see scripts.sh."""
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("scripts.sh")


def run(url):
    """CPU seconds of one round, all programs that it starts included."""
    script = subprocess.Popen([SCRIPT, url], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(script.pid, 0)
    script.returncode = os.waitstatus_to_exitcode(status)
    if script.returncode:
        raise subprocess.CalledProcessError(script.returncode, SCRIPT)
    return usage.ru_utime + usage.ru_stime
