# SPDX-License-Identifier: MIT
"""A server of a test: started in the foreground, ended by its pid, and it does not outlive us."""
import socket
import subprocess
import time

from daemon import TIMEOUT


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """Its output is in FOLDER/log."""

    def __init__(self, folder, command, environment=None):
        folder.mkdir(exist_ok=True)
        self.folder, self.log = folder, folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)], cwd=folder,
                                            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()  # influxd takes half a minute to end in order
        self.process.wait()

    def wait(self, condition, what):
        """The first true answer of condition()."""
        end = time.monotonic() + TIMEOUT
        while not (found := condition()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise AssertionError(f"not within {TIMEOUT} s: {what}\n{self.told()}")
            time.sleep(0.05)
        return found

    def told(self):
        return self.log.read_text(errors="replace")[-2000:]
