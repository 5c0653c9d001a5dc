# SPDX-License-Identifier: MIT
"""A real nginx in front of hubs.

    with Nginx(folder, "server { listen 127.0.0.1:8443 ssl; ... }", ...): ...

One process in the foreground, everything it writes in its folder, every port its configuration's.
"""
import signal
import socket
import subprocess
import time
from pathlib import Path

from daemon import TIMEOUT

TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def free_ports(number):
    """Ports that nobody listens on, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Nginx:
    def __init__(self, folder, *blocks):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.errors = self.folder / "errors"
        self.access = self.folder / "access"
        self.process = None
        self.configuration = self.folder / "nginx.conf"
        self.configuration.write_text("\n".join([
            "daemon off;", "master_process off;", f"pid {self.folder}/pid;", "events {}", "http {",
            "access_log access;",
            *(f"{name}_temp_path {self.folder}/{name};" for name in TEMPORARY), *blocks, "}", ""]))

    def start(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "/usr/sbin/nginx", "-p", str(self.folder), "-e", str(self.errors),
             "-c", str(self.configuration)], stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + TIMEOUT
        while not (self.folder / "pid").exists():  # written after all sockets listen
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError("nginx does not start:\n" + self.errors.read_text())
            time.sleep(0.02)
        return self

    def stop(self):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
