# SPDX-License-Identifier: MIT
"""The real hub from npm, with the real MCP servers of package.json.

Found in $MCP_HUB_NPM, by default build/npm, and installed there when it is not.
"""
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from daemon import CAUSES, HERE, SOURCE, TIMEOUT

PREFIX = Path(os.environ.get("MCP_HUB_NPM") or SOURCE / "build" / "npm").resolve()
PACKAGE = HERE / "package.json"
STATES = ["ready", "restarted", "starting", "restarting", "stopping", "stopped", "error"]
STATUSES = ["connected", "disabled", "connecting", "unauthorized", "disconnected"]
CAPABILITIES = {"tools": "tools", "resources": "resources", "resourceTemplates": "resource_templates",
                "prompts": "prompts"}


def installed():
    wanted = json.loads(PACKAGE.read_text())["dependencies"]
    for name, version in wanted.items():
        there = PREFIX / "node_modules" / name / "package.json"
        if not there.exists() or json.loads(there.read_text())["version"] != version:
            return False
    return True


def install():
    """Once, whoever of several test processes comes first."""
    PREFIX.mkdir(parents=True, exist_ok=True)
    with open(PREFIX / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed():
            return
        shutil.copy(PACKAGE, PREFIX / "package.json")
        subprocess.run(["npm", "install", "--prefix", str(PREFIX), "--no-audit", "--no-fund", "--no-package-lock"],
                       check=True, stdin=subprocess.DEVNULL)


def server(package, *arguments):
    """Configuration of a stdio server of one of the packages."""
    script = PREFIX / "node_modules" / "@modelcontextprotocol" / package / "dist" / "index.js"
    return {"command": shutil.which("node"), "args": [str(script), *map(str, arguments)]}


class NpmHub:
    """One hub with a home of its own. start() waits until it is ready; stop() keeps the port."""

    def __init__(self, folder, servers):
        self.folder = Path(folder)
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        self.config = self.folder / "servers.json"
        self.config.write_text(json.dumps({"mcpServers": servers}))
        self.process = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8",
                        **{f"XDG_{name}_HOME": str(self.home / name.lower())
                           for name in ("STATE", "CONFIG", "DATA", "CACHE")}}
        self.output = open(self.folder / "output", "ab")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(PREFIX / "node_modules" / ".bin" / "mcp-hub"),
             "--port", str(self.port), "--config", str(self.config)], cwd=self.folder, env=surroundings, stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=self.output, start_new_session=True)
        end = time.monotonic() + TIMEOUT
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError("the hub does not start:\n" + (self.folder / "output").read_text()[-4000:])
            time.sleep(0.05)
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
        self.output.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def health(self):
        with urllib.request.urlopen(self.url + "/api/health", timeout=TIMEOUT) as answer:
            return json.load(answer)

    def order(self, what, server):
        """'start' or 'stop' a server, and wait until it is done."""
        asked = urllib.request.Request(f"{self.url}/api/servers/{what}", json.dumps({"server_name": server}).encode(),
                                       {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:
            return json.load(answer)

    def ready(self):
        try:
            health = self.health()
        except (OSError, urllib.error.URLError, ValueError):
            return False
        return health["state"] == "ready" and all(s["status"] != "connecting" for s in health["servers"])

    def server_process(self, word):
        """The pid of the hub's child whose command line holds this word."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = [int(pid) for pid in children
                 if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(found) == 1, f"{word}: {found} of {children}"
        return found[0]


def epoch(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def values_of(health):
    """Every value that a hub with this health can give, but for response times."""
    servers = health["servers"]
    number = {status: sum(s["status"] == status for s in servers) for status in STATUSES}
    wanted = len(servers) - number["disabled"]
    workspaces = health["workspaces"]["allActive"].values()
    own = health["workspaces"]["allActive"][health["workspaces"]["current"]]
    values = {
        "bool-up": 1, "mcp_hub_state": STATES.index(health["state"]),
        "uptime-hub": epoch(health["timestamp"]) - epoch(own["startTime"]),
        **{f"errors-{cause}": 0 for cause in CAUSES},
        **{f"mcp_servers-{status}": number[status] for status in STATUSES},
        "mcp_servers-dead": 0, "mcp_servers-unknown": 0, "mcp_servers-total": len(servers),
        "percent-servers_connected": 100 * number["connected"] / wanted,
        "percent-servers_down": 100 * number["disconnected"] / wanted,
        "current_connections-mcp": health["mcpEndpoint"]["activeClients"],
        "current_connections-events": health["activeClients"],
        **{f"mcp_workspaces-{state}": sum(w["state"] == state for w in workspaces)
           for state in ("active", "shutting_down")},
        **{f"mcp_capabilities-{ours}": health["mcpEndpoint"]["registeredCapabilities"][theirs]
           for theirs, ours in CAPABILITIES.items()}}
    for s in servers:
        name = s["name"]
        values |= {f"mcp_server_state-{name}": STATUSES.index(s["status"]), f"uptime-{name}": s["uptime"],
                   f"mcp_server_restarts-{name}": 0, f"transitions-{name}": 0}
        if s["status"] == "connected":
            values |= {f"mcp_server_{ours}-{name}": len(s["capabilities"][theirs])
                       for theirs, ours in CAPABILITIES.items()}
    return values
