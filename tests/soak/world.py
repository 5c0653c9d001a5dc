# SPDX-License-Identifier: MIT
"""What goes on around a collectd that is soaked: hubs that fail and return, logs, edits of the rules."""
import itertools
import json
import os
import subprocess
import threading
import time
from contextlib import contextmanager

import hubsim
from daemon import BUILD

LOGS = 4
TROUBLES = ("silent", "fails", "closes")
ERROR = json.dumps({"type": "error", "message": "Failed to connect to \"x\""}) + "\n"
BARE = "'x' MCP server connected\n"

# hub_down waits a second, so that no busy machine makes an incident of a single read.
RULES = {"settings": {"group_wait": "0s"},
         "rules": [{"name": "hub_down", "for": "1s", "clear_for": "1s"},
                   {"name": "slow", "metric": "*/mcp_hub-*/response_time-health", "function": "avg", "window": "10s",
                    "op": ">", "warning": 1000},
                   {"name": "odd", "metric": "*/mcp_hub-*/response_time-health", "function": "anomaly",
                    "severity": "info"}]}
# Fires on so much that the list of incidents is full, which would grow for a day.
FILLING = {"name": "filling", "metric": "*/mcp_hub-*/mcp_server_*", "op": ">=", "info": 0}


@contextmanager
def every(seconds, act):
    """Calls act(0), act(1)... on a thread of its own until the block ends."""
    ended = threading.Event()

    def run():
        for turn in itertools.count():
            if ended.wait(seconds):
                return
            act(turn)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Hubs:
    """Many in one process, made for the benchmarks. `outages`: [hub, begin, end], in order."""

    def __init__(self, folder, num):
        body = folder / "health"
        with hubsim.Sim() as sim, sim.hub(tools=30) as hub:
            hub.clock.advance(3600)
            body.write_bytes(hub.health())
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", BUILD / "tests" / "bench" / "hubs",
                                         str(num), "0", body],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.urls = [self.process.stdout.readline().strip() for _ in range(num)]
        self.outages = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()

    def order(self, hub, manner):
        self.process.stdin.write(f"{hub} {manner}\n")
        self.process.stdin.flush()

    def fail(self, turn):
        """The next hub, in the next way."""
        hub = turn % len(self.urls)
        self.order(hub, TROUBLES[turn % len(TROUBLES)])
        self.outages.append([hub, time.time(), None])

    def heal(self, _):
        """The one that fails for longest, if any."""
        outage = next((outage for outage in self.outages if outage[2] is None), None)
        if outage is not None:
            self.order(outage[0], "answers")
            outage[2] = time.time()


class Logs:
    """Files that hubs write to, rotated and truncated."""

    def __init__(self, folder):
        self.paths = [folder / f"hub-{i}.log" for i in range(LOGS)]
        for path in self.paths:
            path.write_text(BARE)

    def write(self, turn):
        path = self.paths[turn % LOGS]
        if turn % 97 == 13:
            path.rename(path.with_suffix(".old"))
        elif turn % 97 == 60:
            os.truncate(path, 0)
        with path.open("a") as file:
            file.write((BARE, ERROR)[turn % 2] * (turn % 7))


class Rules:
    """alerts.json, edited; each `bad` time into something that is refused."""

    def __init__(self, path, bad):
        self.path, self.bad, self.refused = path, bad, 0
        self.lock, self.all_good = threading.Lock(), False
        self.write(json.dumps(RULES))

    def write(self, text):
        fresh = self.path.with_suffix(".fresh")
        fresh.write_text(text)
        fresh.replace(self.path)

    def edit(self, turn):
        """Thresholds and the file's length change; the alerts that count do not."""
        text = json.dumps({**RULES, "warning": {"active_clients": 1000 + turn}})
        with self.lock:
            refused = turn % self.bad == self.bad - 1 and not self.all_good
            self.refused += refused
            self.write(text[:-1] if refused else text)

    def fill(self):
        with self.lock:
            self.write(json.dumps({**RULES, "rules": RULES["rules"] + [FILLING]}))

    @contextmanager
    def good(self):
        """Nothing that is refused within the block: a collectd that starts with that would not have the plugin."""
        self.all_good = True
        self.fill()
        yield
        self.all_good = False
