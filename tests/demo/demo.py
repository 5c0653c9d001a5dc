#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The demonstration: collectd with both plugins, on a real hub or on one that plays an incident.

    MCP_HUB_URL=http://… demo.py BUILD     until Ctrl-C
    demo.py BUILD                          a minute; QUICKSTART_SPEED=3: that much faster

Starts the simulator and collectd in a folder of its own below /tmp, shows what they say (view.py)
and leaves nothing behind. Exits 1 when something that the incident must set off did not come.
"""
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from string import Template

from record import Log, Notice, Record, Value, understand
from view import BLUE, GREEN, LEGEND, RED, YELLOW, View, clock

SOURCE = Path(__file__).resolve().parents[2]
HUB = "demo"
INTERVAL = 2.0  # seconds between two reads
SETTLE = 0.3  # seconds without a value: the round is complete
PATIENCE = 10.0  # seconds until the first value

# What the incident sets off: value, severity, how many seconds of the story it holds, and how many
# of real time the plugin needs to be sure.
EXPECTED = (
    ("percent-llm_success", "WARNING", 6, 0),
    ("latency-llm_p95", "WARNING", 29, 0),
    ("percent-llm_success", "FAILURE", 23, 0),
    ("queue_length-llm", "WARNING", 6, 0),
    ("cache_ratio-llm", "WARNING", 20, 0),
    ("mcp_breaker_state", "FAILURE", 6, 0),
    ("mcp_server_state-postgres", "WARNING", 6, 2),
    ("bool-up", "FAILURE", 6, 0),
)


class Child:
    """A process whose lines are read as they come; it dies with us, whatever happens."""

    def __init__(self, name, command, stream):
        self.name = name
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": None, stream: subprocess.PIPE}
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *map(str, command)],
                                        bufsize=0, start_new_session=True, **pipes)  # Ctrl-C is for us alone
        self.pipe = getattr(self.process, stream)
        self.rest = b""

    def lines(self):
        """The complete lines that have come; None at the end."""
        data = os.read(self.pipe.fileno(), 65536)
        if not data:
            return None
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Demo:
    def __init__(self, build, folder, view, url=None, speed=1.0):
        self.build, self.folder, self.view, self.url, self.speed = build, folder, view, url, speed
        self.simulated = url is None
        self.interval = INTERVAL if speed <= 1 else max(0.5, INTERVAL / speed)
        self.record = Record()
        self.children = selectors.DefaultSelector()
        self.stop = False  # a signal came
        self.trouble = None  # why it cannot go on
        self.story_over = None  # when
        self.round, self.round_time, self.round_due = {}, 0, None
        self.held = []  # what came while a round was incomplete
        self.was_up = False
        self.told_down = False

    # ---- children ----

    def start(self, name, command, stream):
        child = Child(name, command, stream)
        self.children.register(child.pipe, selectors.EVENT_READ, child)
        return child

    def start_simulator(self):
        sim = self.start("the simulated hub", [sys.executable, "-Bu", SOURCE / "tests/hubsim/hubsim.py", "--story",
                                               "incident", "--speed", self.speed], "stdout")
        first = sim.pipe.readline().decode()
        if not first.startswith("URL "):
            self.trouble = "the simulated hub did not start (its words are above)"
            return
        self.url = first.split()[1]

    def start_collectd(self):
        quoted = {key: str(text).replace("\\", "\\\\").replace('"', '\\"') for key, text in {
            "host": socket.gethostname(), "interval": self.interval, "dir": self.folder, "source": SOURCE,
            "plugins": Path(self.build, ".libs").resolve(), "hub": HUB, "url": self.url,
            "process": "none" if self.simulated else "auto", "rules": SOURCE / self.rules()}.items()}
        conf = Path(self.folder, "collectd.conf")
        conf.write_text(Template((SOURCE / "tests/demo/collectd.conf").read_text()).substitute(quoted))
        self.start("collectd", ["/usr/sbin/collectd", "-f", "-C", conf], "stderr")

    def rules(self):
        """An incident of a minute needs thresholds that act at once."""
        return "tests/demo/alerts.json" if self.simulated else "collectd.conf.d/alerts.json"

    def end_children(self):
        for key in list(self.children.get_map().values()):
            key.data.end()

    # ---- what they say ----

    def read(self, child):
        lines = child.lines()
        if lines is None:
            self.children.unregister(child.pipe)
            self.trouble = f"{child.name} ended by itself (exit status {child.end()})"
            return
        for line in lines:
            if child.name == "collectd":
                self.hear(understand(line))
            else:
                self.hear_simulator(line)

    def hear_simulator(self, line):
        words = re.sub(r"^ *\d+ s  ", "", line)
        self.show(self.view.event, ">>", "sim: " + words, BLUE)
        if words.startswith("end of the story"):
            self.story_over = time.monotonic()

    def hear(self, said):
        if isinstance(said, Value):
            self.record.value(said)
            if said.plugin == f"mcp_hub-{HUB}":
                self.hear_value(said)
        elif isinstance(said, Notice):
            self.record.notice(said, clock())
            self.show(self.view.notice, said)
        elif isinstance(said, Log) and said.text and not said.text.endswith("successfully loaded."):
            self.show(self.view.event, "--", "collectd: " + said.text)
            if said.text.startswith("Initialization of plugin `mcp_hub"):
                self.trouble = "a plugin refused its configuration (the reason is above)"

    def hear_value(self, value):
        if value.time > self.round_time:
            self.finish_round()
            self.round, self.round_time = {}, value.time
        if value.time == self.round_time:
            self.round[value.name] = value.value
            self.round_due = time.monotonic() + SETTLE

    def show(self, how, *what):
        """At once, or behind the row of the round that is coming in."""
        self.held.append((how, clock(), what))
        if self.round_due is None:
            self.show_held()

    def show_held(self):
        held, self.held = self.held, []
        for how, at, what in held:
            how(at, *what)

    def finish_round(self):
        if self.round_due is None:
            return
        self.round_due = None
        self.record.rounds += 1
        self.view.row(self.round_time, self.round, self.record.active)
        self.show_held()
        self.remark_on_round(self.round.get("bool-up") == 1)

    def remark_on_round(self, up):
        if self.simulated:
            return
        if up and not self.was_up:
            self.was_up = True
            self.view.graphs()
            self.view.line()
        elif not up and not self.was_up and not self.told_down:
            self.told_down = True
            self.view.event(clock(), "--", f"No hub answers at {shown(self.url)}: does it run there, and is MCP_HUB_URL right? "
                            f"It is tried again every {self.interval:g} s; Ctrl-C ends.", YELLOW)

    # ---- from start to end ----

    def introduce(self):
        self.view.line()
        what = "simulated: an incident in a minute" if self.simulated else "from MCP_HUB_URL"
        self.view.block(f"collectd runs with mcp_hub and mcp_hub_alerts, reads every {self.interval:g} s; Ctrl-C ends.")
        self.view.block(f"Hub \"{HUB}\": {shown(self.url)} ({what})")
        self.view.block(f"Alerts: {self.rules()}, and those built in")
        self.view.block(LEGEND)
        self.view.line()

    def over(self, started):
        if self.stop or self.trouble:
            return True
        now = time.monotonic()
        if self.story_over:
            since = now - self.story_over
            return since > 4 * self.interval or (since > self.interval + SETTLE and not self.record.active)
        if not self.record.rounds and now - started > PATIENCE:
            self.trouble = f"no value came within {PATIENCE:g} s (the reason should be above)"
        return False

    def run(self):
        if self.simulated:
            self.start_simulator()
        if not self.trouble:
            self.introduce()
            self.start_collectd()
        started = time.monotonic()
        while not self.over(started):
            for key, _ in self.children.select(0.1):
                self.read(key.data)
            if self.round_due and time.monotonic() > self.round_due:
                self.finish_round()
        self.finish_round()
        self.end_children()
        return self.conclude()

    def conclude(self):
        """The summary; returns the exit status."""
        if self.record.rounds:
            self.view.seen(self.record, self.interval)
            self.view.alerts(self.record)
        good = self.judge()
        if self.record.rounds:
            self.view.graphs()
            self.view.installing(self.build)
        if self.trouble:
            self.view.line()
            self.view.block(self.trouble, "Ended: ", code=RED)
        return 1 if self.trouble or not good else 0

    def judge(self):
        """What the incident must set off against what came; False when something did not."""
        if not self.story_over:
            if self.simulated:
                self.view.title("Stopped before the end of the incident: not all alerts had to come")
            return True
        due, short = [], []
        for name, severity, lasts, needs in EXPECTED:
            (due if lasts / self.speed > self.interval + needs + 0.5 else short).append((name, severity))
        missing = [f"{severity} of {name} did not come" for name, severity in due
                   if not self.record.had(name, severity)]
        missing += [f"{name} has not ended" for name in self.record.active]
        came = len(due) - sum(not self.record.had(*one) for one in due)
        self.view.title(f"Of the {len(due)} alerts that the incident must set off, {came} came")
        for words in missing:
            self.view.block(words, "  MISSING: ", code=RED)
        for name, severity in short:
            self.view.block(f"{severity} of {name}: too short at this speed to be sure of", "  ")
        if not missing:
            self.view.block("Every alert has ended.", "  ", code=GREEN)
        return not missing


def wanted_speed():
    text = os.environ.get("QUICKSTART_SPEED") or "1"
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0.1 <= speed <= 100:
        sys.exit(f"QUICKSTART_SPEED={text}: expected a number from 0.1 to 100")
    return speed


def shown(url):
    """Without a password."""
    return re.sub(r"//[^/@]*@", "//...@", url)


def main():
    view = View()
    sys.stdout.reconfigure(errors="replace")
    url, speed = os.environ.get("MCP_HUB_URL") or None, wanted_speed()
    folder = tempfile.mkdtemp(prefix="mcp_hub-demo-")
    demo = Demo(sys.argv[1], folder, view, url, speed)

    def on_signal(*_):
        demo.stop = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        return demo.run()
    except BrokenPipeError:  # nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        demo.end_children()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
