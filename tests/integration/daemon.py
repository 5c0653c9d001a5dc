# SPDX-License-Identifier: MIT
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

from hubsim import TIMEOUT

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = Path(os.environ.get("MCP_HUB_BUILD") or SOURCE / "build" / "dev").resolve()
SANITIZERS = os.environ.get("MCP_HUB_SANITIZERS") == "1"
SPEED = 20  # reads come so many times as often as their Interval says (hasten.c): a Timeout may be long
INTERVAL = float(os.environ.get("MCP_HUB_INTERVAL") or (0.5 if SANITIZERS else 0.25))  # between a hub's reads, seconds
TICK = 0.2  # between collectd's own, and so those of the alerts' clock
END = 120.0  # seconds from SIGTERM; what is to be cut short by it would take longer
HOST = "testhost"
STOCK_PLUGINS = "/usr/lib/collectd"
HASTEN = BUILD / "tests" / "integration" / ".libs" / "hasten.so"
STOCK_TYPES = "/usr/share/collectd/types.db"
OUR_TYPES = SOURCE / "types" / "mcp_hub.db"
DEPLOYED_RULES = HERE / "deployed.json"  # as operators have it; stays valid for ever
PROMPT_RULES = HERE / "prompt.json"  # the same, but that notices do not wait for others
SHIPPED_RULES = SOURCE / "collectd.conf.d" / "alerts.json"
OURS = ("mcp_hub", "mcp_hub_alerts")
POWERLESS = ["--bounding-set", "-sys_ptrace,-dac_read_search,-dac_override"]  # of setpriv
CAUSES = ("connect", "timeout", "http", "tls", "parse", "oversize")  # of errors
UNKNOWN, UNREACHABLE = 7, 8  # states of a hub
ALERT_LEVELS = ("critical", "warning", "info", "pending", "silenced", "inhibited")

REPORT = re.compile(r"ERROR: AddressSanitizer|runtime error:")
LEAK = re.compile(r"^(?:Direct|Indirect) leak of .*\n(?: +#.*\n)+", re.MULTILINE)


def quote(value):
    """A value as collectd.conf wants it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def coming_minute(lead):
    """A minute that begins in `lead` seconds, as HH:MM of a time zone made for it, and the environment of that zone."""
    shift = (60 - time.gmtime().tm_sec - lead) % 60
    local = time.gmtime(time.time() + shift + lead + 0.5)
    return time.strftime("%H:%M", local), {"TZ": f"TST-00:00:{shift:02}"}


def hub_block(name, url, **options):
    """<Hub> with the whole Interval as Timeout: a loaded machine is no sick hub. A simulated hub has no process."""
    patience = options.get("Interval", INTERVAL * SPEED)
    options = {"URL": url, "Interval": patience, "Timeout": patience, "Process": "none", "LogFile": "none", **options}
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

    def __init__(self, folder, config="", plugins=OURS, interval=TICK, types_db=True, stock=("uptime",),
                 write_threads=1, recorder=True, environment=None, host=HOST, whole_stacks=True, speed=SPEED):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config_file = self.folder / "collectd.conf"
        self.log_file = self.folder / "log"
        self.socket = self.folder / "socket"
        self.host = host
        self.environment = environment or {}
        self.whole_stacks = whole_stacks
        self.speed, self.interval = speed, interval
        self.process = None
        self.lock = threading.RLock()
        self.news = threading.Condition(self.lock)
        self.looking = False
        self.follower = None
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
            f'PIDFile "{self.folder / "pid"}"', f"Interval {interval * speed:g}", f"WriteThreads {write_threads}",
            f'TypesDB "{STOCK_TYPES}"' + (f' "{OUR_TYPES}"' if types_db else ""),
            f'PluginDir "{STOCK_PLUGINS}"',
            "LoadPlugin logfile", "<Plugin logfile>", "  LogLevel info", f'  File "{self.log_file}"',
            "  Timestamp true", "  PrintSeverity true", "</Plugin>",
            "LoadPlugin unixsock", "<Plugin unixsock>", f'  SocketFile "{self.socket}"', "  DeleteSocket true",
            f'  SocketGroup "{grp.getgrgid(os.getgid()).gr_name}"', "</Plugin>",
            *load, f'PluginDir "{BUILD / ".libs"}"',
            *(f"LoadPlugin {name}" for name in plugins),
            config, ""]))

    # life

    def command(self, *options):
        """It does not outlive us, whatever ends us."""
        return ["setpriv", "--pdeathsig", "KILL", "collectd", *options, "-C", str(self.config_file)]

    def surroundings(self):
        preload = [str(HASTEN)] if self.speed > 1 else []
        made = {**os.environ, **self.environment, "HASTEN": str(self.speed)}
        if SANITIZERS:
            preload[:0], options = sanitizer(self.whole_stacks)
            made |= options
        return made | {"LD_PRELOAD": ":".join(preload)} if preload else made

    def start(self):
        self.stderr = open(self.folder / "stderr", "wb")
        self.process = subprocess.Popen(self.command("-f"), env=self.surroundings(), stdin=subprocess.DEVNULL,
                                        stdout=self.stderr, stderr=self.stderr, start_new_session=True)
        self.follower = threading.Thread(target=self.keep_up, args=[self.process], daemon=True)
        self.follower.start()
        return self

    def keep_up(self, process):
        """The only one who polls: those who wait are woken when there is something new."""
        while process.returncode is None and self.process is process:
            self.poll()
            time.sleep(0.05)

    def stop(self, timeout=END, status=0):
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
        self.follower.join()
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
        leaks = [leak for leak in LEAK.findall(errors) if any(f"/{name}.so" in leak for name in OURS)]
        assert not leaks, "our plugins leak:\n" + "\n".join(leaks)

    def told(self):
        """For messages of failures."""
        self.poll()
        stderr = (self.folder / "stderr").read_text(errors="replace")
        return "\n".join(["log:", *self.log[-30:], "stderr:", stderr[-4000:]])

    # what it did

    def poll(self):
        with self.lock:
            if self.looking:  # who waits is woken when there is something new
                return
            lines = {name: file.more() for name, file in self.follow.items()}
            self.log += lines["log"]
            for line in lines["values"]:
                self.take_value(json.loads(line))
            for line in lines["notifications"]:
                made = json.loads(line)
                self.notifications.append({**made, "identity": identity(made)})
            if any(lines.values()):
                self.news.notify_all()

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

    def reads_between(self, hub, begin, end):
        """Values of reads dispatched then; the first may have begun before and is left out, unless `begin` is 0."""
        found = [r.values for r in self.complete(hub) if begin < r.time < end]
        return found[1:] if begin else found

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

    def look(self, condition):
        """Its answer, by what has been taken in."""
        before, self.looking = self.looking, True
        try:
            return condition()
        finally:
            self.looking = before

    def wait_until(self, condition, what, timeout=TIMEOUT):
        """The first true answer of condition()."""
        end = time.monotonic() + timeout
        self.poll()
        with self.news:
            while not (found := self.look(condition)):
                process = self.process
                if process is not None and process.poll() is not None:
                    raise AssertionError(f"collectd ended with {process.returncode} before {what}\n{self.told()}")
                if time.monotonic() > end:
                    raise AssertionError(f"not within {timeout} s: {what}\n{self.told()}")
                looking, self.looking = self.looking, False
                self.news.wait(0.2)
                self.looking = looking
            return found

    def since(self, key, start):
        """The values of a series dispatched after that time, latest first."""
        for at, value in reversed(self.series.get(key, ())):
            if at <= start:
                return
            yield value

    def wait_value(self, name, predicate=lambda value: True, host=None):
        """The last value of an identity as soon as the predicate holds for it."""
        key = host or self.host, name

        def found():
            seen = self.series.get(key)
            return seen and predicate(seen[-1][1]) and (seen[-1][1],)
        return self.wait_until(found, f"{name}, last {self.last(name, host)}")[0]

    def wait_fresh(self, name, predicate=lambda value: True, host=None):
        """A value dispatched from now on, for which the predicate holds."""
        key, start = (host or self.host, name), time.time()
        return self.wait_until(lambda: [value for value in self.since(key, start) if predicate(value)],
                               f"new {name}")[-1]

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
        return self.wait_until(lambda: [r.values for r in rounds[-20:-1] if r.time >= asked],
                               f"a read of hub {hub}")[0]

    def alert_counts(self, instance, host=None):
        """Of mcp_hub_alerts for a hub, counted after now: {"critical": 0, ...}."""
        start, plugin = time.time(), f"mcp_hub_alerts-{instance}" if instance else "mcp_hub_alerts"
        keys = {level: (host or self.host, f"{plugin}/mcp_alerts-{level}") for level in ALERT_LEVELS}

        def found():
            # The first tick may have counted before now and dispatched after it: take the second.
            ticks = {level: list(self.since(key, start)) for level, key in keys.items()}
            return all(len(values) >= 2 for values in ticks.values()) and ticks
        return {level: values[-2] for level, values in self.wait_until(found, f"two ticks of {plugin}").items()}

    # unixsock

    def connect(self):
        """None: the socket is not there, or bound and not listened to yet."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(TIMEOUT)
        try:
            client.connect(str(self.socket))
        except (FileNotFoundError, ConnectionRefusedError):
            client.close()
            return None
        return client

    def ask(self, command):
        """The lines of collectd's answer to one command on its socket."""
        with self.wait_until(self.connect, "unixsock") as client:
            client.sendall(command.encode() + b"\n")
            with client.makefile() as answer:
                status = answer.readline()
                return [status] + [answer.readline() for _ in range(max(0, int(status.split()[0])))]


class Powerless(Collectd):
    """Of a root that may no more than its files and processes allow, as anybody else's may not anyway."""

    def command(self, *options):
        first, *rest = super().command(*options)
        return [first, *(POWERLESS if os.geteuid() == 0 else []), *rest]


def sanitizer(whole_stacks):
    """What to preload, and options.

    LeakSanitizer runs when collectd ends, which never unloads a plugin: its reports name ours. collectd and Python leak as well. A suppression of collectd would match everything
    that it calls, us included; so check_reports() looks for our plugins in the stacks.
    Stacks that go through libraries (a json-c object that we lose) are whole only with the
    slow unwinder, which is too slow where libcurl loads a hundred certificates.
    """
    libraries = [subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True,
                                check=True).stdout.strip() for name in ("libasan.so", "libubsan.so")]
    return libraries, {
        "ASAN_OPTIONS": f"detect_leaks=1:exitcode=97:fast_unwind_on_malloc={0 if whole_stacks else 1}:"
                        'stack_trace_format="    #%n %F %L (%m)"',
        "LSAN_OPTIONS": "exitcode=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=97"}
