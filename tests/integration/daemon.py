"""A real collectd with our plugins, and a way to wait for what it does.

    with Collectd(folder, hub_block("prod", hub.url)) as collectd:
        collectd.wait_value("mcp_hub-prod/bool-up", lambda v: v == 1)
        read = collectd.wait_reads(1, "prod")[0]       # {"bool-up": 1.0, ...}
        collectd.wait_notification(rule="hub_down", severity="FAILURE")

Nothing here sleeps for a guessed time: every wait ends with the event, or fails
after TIMEOUT seconds with what was seen. Leaving the block sends SIGTERM and
asserts an orderly end; a sanitizer's report is a failure wherever it occurs.
"""
import grp
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = Path(os.environ.get("MCP_HUB_BUILD") or SOURCE / "build" / "dev").resolve()
SANITIZERS = os.environ.get("MCP_HUB_SANITIZERS") == "1"
INTERVAL = float(os.environ.get("MCP_HUB_INTERVAL") or 0.5)  # of hubs and of collectd, seconds
TIMEOUT = 60.0
HOST = "testhost"
STOCK_PLUGINS = "/usr/lib/collectd"
STOCK_TYPES = "/usr/share/collectd/types.db"
OUR_TYPES = SOURCE / "types" / "mcp_hub.db"
DEPLOYED_RULES = SOURCE / "collectd.conf.d" / "alerts.json"
OURS = ("mcp_hub", "mcp_hub_alerts")

REPORT = re.compile(r"(ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer).*")


def quote(value):
    """A value as collectd.conf wants it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def hub_block(name, url, **options):
    """<Hub> with the whole interval as Timeout: a loaded machine is no sick hub."""
    options = {"URL": url, "Interval": INTERVAL, "Timeout": INTERVAL, **options}
    lines = (f"    {key} {quote(value)}" for key, value in options.items() if value is not None)
    return f"  <Hub {quote(name)}>\n" + "\n".join(lines) + "\n  </Hub>"


def hubs_block(*blocks):
    return "\n".join(("<Plugin mcp_hub>", *blocks, "</Plugin>"))


def alerts_block(rules):
    return f"<Plugin mcp_hub_alerts>\n  Rules {quote(rules)}\n</Plugin>"


@dataclass
class Round:
    """What one read of a hub dispatched: all values of one time."""
    time: float
    values: dict = field(default_factory=dict)


class Lines:
    """The complete lines of a file that grows."""

    def __init__(self, path):
        self.path, self.at, self.rest = path, 0, b""

    def more(self):
        try:
            with open(self.path, "rb") as file:
                file.seek(self.at)
                data = file.read()
        except FileNotFoundError:
            return []
        self.at += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line.decode(errors="backslashreplace") for line in lines]


def identity(thing):
    """plugin-instance/type-instance"""
    def part(a, b):
        return f"{a}-{b}" if b else a
    return f"{part(thing['plugin'], thing['plugin_instance'])}/{part(thing['type'], thing['type_instance'])}"


class Collectd:
    """One daemon. All waits may be called from several threads."""

    def __init__(self, folder, config="", plugins=OURS, interval=INTERVAL, types_db=True, stock=("uptime",),
                 write_threads=1, recorder=True, before="", environment=None, host=HOST):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config_file = self.folder / "collectd.conf"
        self.log_file = self.folder / "log"
        self.socket = self.folder / "socket"
        self.host = host
        self.environment = environment or {}
        self.process = None
        self.lock = threading.RLock()
        self.follow = {name: Lines(self.folder / name) for name in ("values", "notifications", "log")}
        self.series = defaultdict(list)  # (host, identity) -> [(time, value)]
        self.rounds = defaultdict(list)  # (host, hub) -> [Round], the last one under way
        self.intervals = {}  # (host, identity) -> of its last value
        self.notifications = []
        self.log = []
        load = [f"LoadPlugin {name}" for name in stock]
        if recorder:
            load += [f'LoadPlugin python\n<Plugin python>\n  ModulePath "{HERE}"\n  Import recorder\n'
                     f'  <Module recorder>\n    Folder "{self.folder}"\n  </Module>\n</Plugin>']
        # One write thread keeps the values in the order in which they were dispatched.
        self.config_file.write_text("\n".join([
            f'Hostname "{host}"', "FQDNLookup false", f'BaseDir "{self.folder}"',
            f'PIDFile "{self.folder / "pid"}"', f"Interval {interval:g}", f"WriteThreads {write_threads}",
            f'TypesDB "{STOCK_TYPES}"' + (f' "{OUR_TYPES}"' if types_db else ""),
            f'PluginDir "{STOCK_PLUGINS}"', before,
            "LoadPlugin logfile", "<Plugin logfile>", "  LogLevel info", f'  File "{self.log_file}"',
            "  Timestamp true", "  PrintSeverity true", "</Plugin>",
            "LoadPlugin unixsock", "<Plugin unixsock>", f'  SocketFile "{self.socket}"', "  DeleteSocket true",
            f'  SocketGroup "{grp.getgrgid(os.getgid()).gr_name}"', "</Plugin>", *load, f'PluginDir "{BUILD / ".libs"}"', *(f"LoadPlugin {name}" for name in plugins),
            config, ""]))

    # life

    def command(self, *options):
        return ["collectd", *options, "-C", str(self.config_file)]

    def surroundings(self):
        made = {**os.environ, **self.environment}
        if SANITIZERS:
            made.update(sanitizer_environment())
        return made

    def start(self):
        self.stderr = open(self.folder / "stderr", "wb")
        self.process = subprocess.Popen(self.command("-f"), env=self.surroundings(), stdin=subprocess.DEVNULL,
                                        stdout=self.stderr, stderr=self.stderr, start_new_session=True)
        return self

    def stop(self, timeout=TIMEOUT, status=0):
        """SIGTERM; asserts that collectd ends in order: 0, or 1 where a plugin's init callback has failed."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            ended = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"collectd does not end within {timeout} s of SIGTERM\n{self.told()}") from None
        finally:
            self.end(process)
        self.poll()
        assert ended == status, f"collectd ended with {ended}\n{self.told()}"
        self.check_reports()

    def kill(self):
        """SIGKILL, for clean-up after a failure."""
        process, self.process = self.process, None
        if process is not None:
            self.end(process)

    def end(self, process):
        if process.poll() is None:
            process.kill()
            process.wait()
        self.stderr.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()

    def read_once(self, timeout=TIMEOUT):
        """`collectd -T`: its exit status; the log is complete afterwards."""
        with open(self.folder / "stderr", "wb") as out:
            try:
                status = subprocess.run(self.command("-T"), env=self.surroundings(), stdin=subprocess.DEVNULL,
                                        stdout=out, stderr=out, timeout=timeout).returncode
            except subprocess.TimeoutExpired:
                raise AssertionError(f"collectd -T hangs\n{self.told()}") from None
        self.poll()
        self.check_reports()
        return status

    def check_reports(self):
        errors = (self.folder / "stderr").read_text(errors="replace")
        assert not REPORT.search(errors), f"a sanitizer reports:\n{errors}"

    def told(self):
        """For messages of failures."""
        self.poll()
        stderr = (self.folder / "stderr").read_text(errors="replace")
        return "\n".join(["log:", *self.log[-30:], "stderr:", stderr[-4000:]])

    # what it did

    def poll(self):
        with self.lock:
            for line in self.follow["log"].more():
                self.log.append(line)
            for line in self.follow["values"].more():
                self.take_value(json.loads(line))
            for line in self.follow["notifications"].more():
                made = json.loads(line)
                self.notifications.append({**made, "identity": identity(made)})

    def take_value(self, made):
        value = made["values"][0] if len(made["values"]) == 1 else tuple(made["values"])
        key = made["host"], identity(made)
        self.series[key].append((made["time"], value))
        self.intervals[key] = made["interval"]
        if made["plugin"] != "mcp_hub":
            return
        rounds = self.rounds[made["host"], made["plugin_instance"]]
        here = next((r for r in reversed(rounds[-3:]) if r.time == made["time"]), None)
        if here is None:
            here = Round(made["time"])
            rounds.append(here)
        here.values[key[1].split("/", 1)[1]] = value

    def last(self, name, host=None):
        """The last value of an identity, or None."""
        self.poll()
        seen = self.series.get((host or self.host, name))
        return seen[-1][1] if seen else None

    def identities(self, plugin, host=None):
        """All that were dispatched for 'mcp_hub-prod'."""
        self.poll()
        return {name for where, name in list(self.series)
                if where == (host or self.host) and name.startswith(plugin + "/")}

    def complete(self, hub, host=None):
        """All rounds of a hub but the one that may still be coming in."""
        self.poll()
        return self.rounds[host or self.host, hub][:-1]

    def lines(self, pattern):
        self.poll()
        return [line for line in list(self.log) if re.search(pattern, line)]

    def notified(self, **wanted):
        """Notifications by severity, identity, host, plugin_instance, ..., and rule or other meta data."""
        self.poll()
        return [n for n in list(self.notifications)
                if all((n["meta"][key][1] if key in n["meta"] else n.get(key)) == value
                       for key, value in wanted.items())]

    # waiting

    def wait_until(self, condition, what, timeout=TIMEOUT):
        """The first true answer of condition()."""
        end = time.monotonic() + timeout
        while True:
            self.poll()
            with self.lock:
                found = condition()
            if found:
                return found
            process = self.process
            if process is not None and process.poll() is not None:
                raise AssertionError(f"collectd ended with {process.returncode} before {what}\n{self.told()}")
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout} s: {what}\n{self.told()}")
            time.sleep(0.01)  # of the polling, not of the test

    def wait_value(self, name, predicate=lambda value: True, host=None):
        """The last value of an identity as soon as the predicate holds for it."""
        key = host or self.host, name

        def found():
            seen = self.series.get(key)
            return seen and predicate(seen[-1][1]) and (seen[-1][1],)
        return self.wait_until(found, f"{name}, last {self.last(name, host)}")[0]

    def wait_fresh(self, name, predicate=lambda value: True, host=None):
        """A value dispatched from now on, for which the predicate holds."""
        key = host or self.host, name
        start = time.time()

        def found():
            return next(((value,) for at, value in self.series.get(key, ())[-50:] if at > start and predicate(value)),
                        None)
        return self.wait_until(found, f"new {name}")[0]

    def wait_notification(self, count=1, **wanted):
        """The `count` first notifications like that."""
        return self.wait_until(lambda: len(self.notified(**wanted)) >= count and self.notified(**wanted)[:count],
                               f"{count} notification(s) {wanted}, there are {self.notifications}")

    def wait_log(self, pattern, count=1):
        return self.wait_until(lambda: len(self.lines(pattern)) >= count and self.lines(pattern),
                               f"{count} log line(s) {pattern!r}")

    def wait_reads(self, n=1, hub="local", host=None):
        """The next n rounds of a hub that begin to be dispatched from now on, whole."""
        return self.wait_reads_of([hub], n, host)[hub]

    def wait_reads_of(self, hubs, n=1, host=None):
        """The same of several hubs, side by side: {hub: [values, ...]}."""
        self.poll()
        rounds = {hub: self.rounds[host or self.host, hub] for hub in hubs}
        start = {hub: len(seen) for hub, seen in rounds.items()}
        self.wait_until(lambda: all(len(seen) > start[hub] + n for hub, seen in rounds.items()),
                        f"{n} more read(s) of {', '.join(hubs)}")
        return {hub: [r.values for r in seen[start[hub]:start[hub] + n]] for hub, seen in rounds.items()}

    def wait_read_of(self, simulated, hub):
        """The first round whose request a simulated hub receives from now on."""
        simulated.wait_for_more(1, "/api/health", timeout=TIMEOUT)
        asked = time.time()
        rounds = self.rounds[self.host, hub]

        def found():
            return next((r.values for r in rounds[-20:-1] if r.time >= asked), None)
        return self.wait_until(found, f"a read of hub {hub}")

    def alert_counts(self, instance, host=None):
        """Of mcp_hub_alerts for a hub, from a tick that begins after now: {"critical": 0, ...}."""
        start, key = time.time(), host or self.host
        plugin = f"mcp_hub_alerts-{instance}" if instance else "mcp_hub_alerts"

        def found():
            names = {name: seen for (where, name), seen in self.series.items()
                     if where == key and name.startswith(f"{plugin}/mcp_alerts-")}
            late = {name: [value for at, value in seen[-50:] if at > start] for name, seen in names.items()}
            # The first tick after now may have counted before: take the second.
            return len(late) >= 6 and all(len(values) >= 2 for values in late.values()) and late
        late = self.wait_until(found, f"two ticks of {plugin}")
        return {name.rsplit("-", 1)[1]: values[1] for name, values in late.items()}

    # unixsock

    def ask(self, command):
        """The lines of collectd's answer to one command on its socket."""
        self.wait_until(self.socket.exists, "unixsock")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(TIMEOUT)
            client.connect(str(self.socket))
            client.sendall(command.encode() + b"\n")
            with client.makefile() as answer:
                status = answer.readline()
                return [status] + [answer.readline() for _ in range(max(0, int(status.split()[0])))]


def sanitizer_environment():
    """LeakSanitizer runs at collectd's end; collectd never unloads a plugin, so its reports can name them."""
    libraries = [subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True,
                                check=True).stdout.strip() for name in ("libasan.so", "libubsan.so")]
    return {"LD_PRELOAD": ":".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=97:detect_odr_violation=0",
            "LSAN_OPTIONS": f"suppressions={HERE / 'lsan.supp'}:print_suppressions=0:exitcode=97",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
            "PYTHONMALLOC": "malloc"}
