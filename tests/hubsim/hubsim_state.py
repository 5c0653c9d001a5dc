# SPDX-License-Identifier: MIT
"""What a hub is at this moment: plain attributes that tests set, no network.

Every change is visible in the next answer. Single assignments are safe from any
thread; `part.set(a=1, b=2)` or `with hub.lock:` make several changes one.
Assigning to an attribute that does not exist is an error.
"""
import math
import threading
import time
import uuid
from collections import deque
from datetime import datetime, timezone

from hubsim_catalogue import NOTHING, capabilities, dumps, known

SECRET = "hubsim-SECRET-7f3a9c"  # in every authorizationUrl; must turn up nowhere else
STATES = ("starting", "ready", "restarting", "restarted", "stopping", "stopped", "error")


class Part:
    """A piece of state: its attributes are those it was made with."""

    def __init__(self, lock, **fields):
        self.__dict__.update(fields, lock=lock)

    def __setattr__(self, name, value):
        if name not in self.__dict__ and not isinstance(getattr(type(self), name, None), property):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        object.__setattr__(self, name, value)

    def set(self, **fields):
        """Change several attributes at once; returns self."""
        with self.lock:
            for name, value in fields.items():
                setattr(self, name, value)
        return self

    def add(self, **counts):
        with self.lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)


class Clock(Part):
    """The hub's own time: the machine's, moved by advance(), or frozen."""

    def __init__(self, lock):
        super().__init__(lock, skew=0.0, frozen=None)

    def now(self):
        return (time.time() if self.frozen is None else self.frozen) + self.skew

    def advance(self, seconds):
        """Uptimes and timestamps jump by so many seconds, back when negative."""
        self.add(skew=seconds)

    def freeze(self, at=None):
        """Time stands still, save for advance()."""
        self.set(frozen=time.time() if at is None else at, skew=self.skew if at is None else 0.0)

    def thaw(self):
        self.frozen = None


def iso(seconds):
    """2026-11-20T23:41:49.817Z, or None for None."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(math.floor(seconds * 1000) / 1000, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Server(Part):
    """One MCP server of a hub. The verbs do what the real hub does to its fields."""

    def __init__(self, lock, clock, name, transport="stdio", capabilities=NOTHING, info=None, **fields):
        super().__init__(
            lock, clock=clock, name=name, display_name=None, description="", transport=transport,
            status="connected", error=None, capabilities=capabilities, started=clock.now(),
            last_started=clock.now(), authorization_url=None,
            info=info or {"name": f"{name}-server", "version": "1.0.0"}, config_source="servers.json")
        self.set(**fields)

    @property
    def uptime(self):
        """Whole seconds, 0 when nothing counts."""
        if self.started is None or self.status not in ("connected", "disabled"):
            return 0
        return math.floor(self.clock.now() - self.started)

    def connect(self):
        """Connected now. Also called reconnect: lastStarted changes, uptime starts again."""
        now = self.clock.now()
        return self.set(status="connected", error=None, started=now, last_started=now, authorization_url=None)

    reconnect = connect

    def kill(self):
        """Dead while 'connected': status, tools and lastStarted stay, uptime falls to 0."""
        return self.set(started=None)

    def start_connecting(self):
        return self.set(status="connecting", error=None, started=None, last_started=self.clock.now())

    def slow_start(self, seconds=60):
        """Connected this moment after `seconds` of connecting: uptime 0 with an old lastStarted."""
        now = self.clock.now()
        return self.set(status="connected", error=None, started=now, last_started=now - seconds)

    def disconnect(self, error="spawn /nonexistent/cmd ENOENT"):
        return self.set(status="disconnected", error=error, started=None, last_started=None, authorization_url=None)

    def disable(self, at_boot=False):
        """At run time the uptime is 0; disabled at boot, it grows."""
        now = self.clock.now() if at_boot else None
        return self.set(status="disabled", error=None, started=now, last_started=now, authorization_url=None)

    def unauthorize(self, secret=SECRET):
        return self.set(status="unauthorized", error=None, started=None, last_started=self.clock.now(),
                        authorization_url="https://auth.example.com/authorize?response_type=code"
                                          f"&client_id=hub&code_challenge={secret}&state={secret}")

    def json(self):
        """As in servers[]; what it offers shows only while it counts as connected."""
        there = self.status == "connected"
        head = dumps({
            "name": self.name, "displayName": self.name if self.display_name is None else self.display_name,
            "description": self.description, "transportType": self.transport, "status": self.status,
            "error": self.error})
        tail = dumps({
            "uptime": self.uptime, "lastStarted": iso(self.last_started),
            "authorizationUrl": self.authorization_url, "serverInfo": self.info if there else None,
            "config_source": self.config_source})
        offered = self.capabilities if there else NOTHING
        return b'%s,"capabilities":%s,%s' % (head[:-1], offered.json, tail[1:])


class Llm(Part):
    """Calls to the LLM that filters tools. Rates follow the counters.

    errors, {type: count}, shows as errorsByType once it is not empty.
    """

    COUNTERS = ("success", "failed", "timeouts", "retries", "fallbacks")

    def __init__(self, lock):
        super().__init__(lock, enabled=True, success=0, failed=0, timeouts=0, retries=0, fallbacks=0,
                         errors={}, recent=deque(maxlen=1000), fixed={})

    def call(self, success=0, failed=0, latency=None, timeouts=0, retries=0, fallbacks=0):
        """So many calls more, each of which took `latency` ms."""
        with self.lock:
            self.add(success=success, failed=failed, timeouts=timeouts, retries=retries, fallbacks=fallbacks)
            if latency is not None:
                self.recent.extend([latency] * min(success + failed, self.recent.maxlen))

    def set_latency(self, average=None, p50=None, p95=None, p99=None):
        """Report these figures (ms) whatever was called; None goes back to the measured one."""
        self.fixed = {"average": average, "p50": p50, "p95": p95, "p99": p99}

    @property
    def total(self):
        return self.success + self.failed

    @property
    def success_rate(self):
        """Fraction, None while nothing was called."""
        return self.success / self.total if self.total else None

    def latencies(self):
        """average, p50, p95, p99 in ms; 0 while unknown."""
        known_ms = sorted(self.recent)
        found = {"average": sum(known_ms) / len(known_ms) if known_ms else 0}
        for percent in (50, 95, 99):
            rank = math.ceil(len(known_ms) * percent / 100)
            found[f"p{percent}"] = known_ms[rank - 1] if known_ms else 0
        found.update((k, v) for k, v in self.fixed.items() if v is not None)
        return found

    def reset(self):
        self.set(**dict.fromkeys(self.COUNTERS, 0), errors={}, recent=deque(maxlen=1000), fixed={})


class Cache(Part):
    def __init__(self, lock):
        super().__init__(lock, size=0, hits=0, misses=0, entry_bytes=350, ttl=3600)

    def ask(self, hits=0, misses=0):
        """So many look-ups more; every miss is remembered."""
        self.add(hits=hits, misses=misses, size=misses)

    @property
    def hit_rate(self):
        """Fraction, None while nothing was asked."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None

    def reset(self):
        self.set(size=0, hits=0, misses=0)


class Queue(Part):
    def __init__(self, lock):
        super().__init__(lock, depth=0, processed=0)

    def reset(self):
        self.set(depth=0, processed=0)


class Breaker(Part):
    """The circuit breaker: state is closed, half-open or open."""

    def __init__(self, lock):
        super().__init__(lock, state="closed", failures=0, trips=0)

    def open(self, failures=5):
        self.set(state="open", failures=failures, trips=self.trips + 1)

    def half_open(self):
        self.state = "half-open"

    def close(self):
        self.set(state="closed", failures=0)

    def reset(self):
        self.set(state="closed", failures=0, trips=0)


class Filtering(Part):
    """Tool filtering. total None: the tools of the connected servers; exposed None: all of them."""

    def __init__(self, lock):
        super().__init__(lock, enabled=True, mode="prompt-based", total=None, exposed=None,
                         server_mode="allowlist", servers=["github", "filesystem"], categories=["search", "files"])


class State(Part):
    """A whole hub."""

    def __init__(self, name, shape):
        lock = threading.RLock()
        clock = Clock(lock)
        super().__init__(
            lock, name=name, shape=shape, state="ready", server_id="mcp-hub",
            version="4.2.1" if shape == "upstream" else "4.3.0",  # None: absent
            booted=True,  # False: no hub object yet, /api/servers says 500
            clock=clock, servers={}, clients=0, subscribers=[],
            workspaces={}, workspace_key=None, pid=None,
            rates="fraction",  # of shape 'scripts': 'percent' gives "96.7%"
            filtering=Filtering(lock), llm=Llm(lock), cache=Cache(lock), category_cache=Cache(lock),
            queue=Queue(lock), breaker=Breaker(lock), patches={})

    # servers

    def add_server(self, name, tools=5, **fields):
        """A connected server at the end of the list; fields as of Server."""
        fields.setdefault("capabilities", capabilities(tools))
        server = Server(self.lock, self.clock, name, **fields)
        self.servers = {**self.servers, name: server}
        return server

    def remove_server(self, name):
        self.servers = {n: s for n, s in self.servers.items() if n != name}

    def rename_server(self, old, new):
        """Same place in the list, same everything else."""
        with self.lock:
            self.servers[old].name = new
            self.servers = {s.name: s for s in self.servers.values()}

    def server(self, name):
        return self.servers[name]

    def fill(self, servers=3, tools=None):
        """Exactly these servers: a count or a list of names; `tools` over all of them."""
        names = None if isinstance(servers, int) else list(servers)
        made = {}
        for i, fields in enumerate(known(servers if names is None else len(names), tools)):
            if names is not None:
                fields["name"] = names[i]
            made[fields["name"]] = Server(self.lock, self.clock, **fields)
        self.servers = made
        return self

    def big(self):
        """26 servers with 298 tools: 290 kB, the largest hub known."""
        return self.fill(26, 298)

    # people and places

    def subscribe(self, count):
        """So many subscribers of /api/events."""
        now = iso(self.clock.now())
        self.subscribers = [{"id": str(uuid.uuid4()), "state": "connected", "connectedAt": now, "lastEventAt": now}
                            for _ in range(count)]

    def add_workspace(self, port, pid, cwd="/home/user/project", started=None, **fields):
        """An entry of workspaces.allActive, e.g. the stale one of a hub that was killed."""
        now = self.clock.now() if started is None else started
        entry = {"cwd": cwd, "config_files": ["servers.json"], "pid": pid, "port": port, "startTime": iso(now),
                 "state": "active", "activeConnections": 0, "shutdownStartedAt": None, "shutdownDelay": None}
        unknown = fields.keys() - entry.keys()
        if unknown:
            raise AttributeError(f"a workspace has no {sorted(unknown)}")
        self.workspaces = {**self.workspaces, str(port): {**entry, **fields}}

    def remove_workspace(self, port=None):
        """Take the entry away, by default the hub's own."""
        key = self.workspace_key if port is None else str(port)
        self.workspaces = {k: v for k, v in self.workspaces.items() if k != key}

    def shutting_down(self, delay_ms=600_000):
        """The hub's own workspace says it will end soon."""
        own = self.workspaces[self.workspace_key]
        self.workspaces = {**self.workspaces, self.workspace_key: {
            **own, "state": "shutting_down", "shutdownStartedAt": iso(self.clock.now()), "shutdownDelay": delay_ms}}

    def set_pid(self, pid):
        """The hub's own workspace names this process."""
        with self.lock:
            self.pid = pid
            own = self.workspaces.get(self.workspace_key)
            if own is not None:
                self.workspaces = {**self.workspaces, self.workspace_key: {**own, "pid": pid}}

    # what a restart does

    def reset(self):
        """Counters, clients and start times as of a hub that just started."""
        with self.lock:
            for part in (self.llm, self.cache, self.category_cache, self.queue, self.breaker):
                part.reset()
            self.set(state="ready", booted=True, clients=0, subscribers=[])
            for server in self.servers.values():
                if server.status == "disabled":
                    server.disable(at_boot=True)
                else:
                    server.connect()
