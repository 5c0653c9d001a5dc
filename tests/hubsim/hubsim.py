#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated MCP hub, scriptable: healthy, odd, sick or hostile, one or a thousand.

    import hubsim
    with hubsim.Sim() as sim:
        hub = sim.hub(shape="documented")            # serves at hub.url until the block ends
        hub.llm.call(success=95, failed=5, latency=800)
        hub.server("github").kill()                  # dead while 'connected'
        hub.clock.advance(10)                        # the hub's own time; nobody sleeps
        with hub.fault("truncated", path=hubsim.HEALTH):
            hub.wait_for_answers(1, hubsim.HEALTH)
        hub.stop(); hub.start()                      # refuses, then the same port again
        assert hub.count(hubsim.STATS) == 1

What hubs say is in hub-api.md; what can be set in hubsim_state.py, what can break in
hubsim_faults.py. `python3 hubsim.py --help` serves hubs or plays the demonstration.
"""
import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import ssl
import sys
import threading
import traceback
from collections import Counter

import hubsim_bodies as bodies
from hubsim_bodies import HEALTH, OMIT, SERVERS, SHAPES, STATS, WORKSPACES
from hubsim_catalogue import dumps, padded
from hubsim_faults import FAULTS, Fault
from hubsim_state import SECRET, State
from hubsim_story import STORIES, play
from hubsim_web import Response, Wire, converse, page

__all__ = ["Sim", "Hub", "HEALTH", "SERVERS", "STATS", "WORKSPACES", "OMIT", "SECRET", "FAULTS", "SHAPES"]

CONTROL = "/_sim"
HOST = "127.0.0.1"
TIMEOUT = 300.0  # seconds after which a test that waits is taken to hang: none promises less


class Hub(State):
    """A hub that listens. Made by Sim.hub(); all methods are for any thread but the simulator's own."""

    def __init__(self, sim, name, shape, port=0, address=HOST, unix=None, tls=None, control=False, pid=None):
        super().__init__(name, shape)
        self.__dict__.update(
            sim=sim, port=port, address=address, unix=unix, tls=tls, control=control, keep_alive=5.0,
            last_request=None, faults=(), news=threading.Condition(self.lock),
            requests=Counter(), answered=Counter(), connections_accepted=0, connections_open=0,
            _listeners=[], _reserved=None, _talks={})
        self.pid = pid

    # on and off

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.address}:{self.port}"

    @property
    def running(self):
        return bool(self._listeners)

    def start(self):
        """Listen, on the same port as before."""
        self.sim.run(self._start())
        return self

    def stop(self, keep_port=True):
        """End all connections; the port refuses. keep_port=False lets another take it."""
        self.sim.run(self._stop(keep_port))
        return self

    def close(self):
        """Stop for good."""
        self.stop(keep_port=False)

    def restart(self, pid=None):
        """As a new process: connections end, counters are 0, start times are now."""
        self.stop()
        self.reset(pid)
        return self.start()

    def reset(self, pid=None):
        """What a new process has forgotten; the listening goes on."""
        with self.lock:
            super().reset()
            self._register(pid)

    def __enter__(self):
        return self if self.running else self.start()

    def __exit__(self, *_):
        self.close()

    async def _start(self):
        if self._listeners:
            return
        bound = _bind(self.address, self.port)
        self.port = bound.getsockname()[1]
        if self.workspace_key is None:
            self._register()
        self._free_port()
        self._listeners = [await asyncio.start_server(self._accept, sock=bound, backlog=512, ssl=self.tls)]
        if self.unix:
            self._listeners.append(await asyncio.start_unix_server(self._accept, path=self.unix, backlog=512))

    async def _stop(self, keep_port):
        for listener in self._listeners:
            listener.close()
            if hasattr(listener, "abort_clients"):  # Python 3.13: those in a TLS handshake, too
                listener.abort_clients()
        if self._listeners and self.unix and os.path.exists(self.unix):  # Python 3.13 removes it itself
            os.unlink(self.unix)
        talks = dict(self._talks)
        for task, writer in talks.items():
            writer.transport.abort()
            task.cancel()
        for transport in list(self.sim._loop._transports.values()):  # asyncio keeps no other list of handshakes
            if not transport.is_closing() and transport.get_extra_info("sockname")[1:] == (self.port,):
                transport.abort()
        await asyncio.gather(*talks, return_exceptions=True)
        if not keep_port:
            self._free_port()
        elif self._listeners:
            self._reserved = _bind(self.address, self.port)
        self._listeners = []

    def _free_port(self):
        if self._reserved:
            self._reserved.close()
            self._reserved = None

    def _register(self, pid=None):
        """The workspace entry of a hub that starts; by default its process is the simulator's."""
        with self.lock:
            self.pid = pid or self.pid or os.getpid()
            self.workspace_key = str(self.port)
            self.add_workspace(self.port, self.pid)

    # contents

    def payload(self, size):
        """Servers such that the body of /api/health has `size` bytes, 10 kB to 10 MB and more."""
        servers = max(1, size // 11_000)
        tools = max(servers, size // 1000)
        while len(self.fill(servers, tools).health()) > size and tools > servers:
            tools -= max(1, (len(self.health()) - size) // 1000)
        last = list(self.servers.values())[-1]
        last.capabilities = padded(last.capabilities, max(0, size - len(self.health())))
        return self

    def patch(self, path, key, value):
        """From now on `key` ('version', 'llm.timeouts') of this endpoint is `value`, or missing if OMIT."""
        with self.lock:
            self.patches = {**self.patches, path: {**self.patches.get(path, {}), key: value}}

    def unpatch(self):
        self.patches = {}

    def health(self):
        with self.lock:
            return bodies.health(self)

    def stats(self):
        with self.lock:
            return bodies.stats(self)

    def good_answer(self, method, path):
        """What a sound hub says now."""
        with self.lock:
            if method not in ("GET", "HEAD"):
                return page(404, f"Cannot {method} {path}")
            if path == HEALTH:
                return Response(200, bodies.health(self))
            if path == WORKSPACES:
                return Response(200, bodies.workspaces(self))
            if path == SERVERS and self.booted:
                return Response(200, bodies.servers(self))
            if path == SERVERS:
                return Response(500, bodies.error(
                    self, "Cannot read properties of null (reading 'getAllServerStatuses')", "REQUEST_ERROR",
                    path="/servers", method=method))
            if path == STATS and SHAPES[self.shape]:
                if self.state != "starting":
                    return Response(200, bodies.stats(self))
                return Response(404, bodies.error(self, "MCP endpoint not initialized", "NOT_READY"))
            return page(404, f"Cannot {method} {path}")

    # faults

    def fault(self, name, path=None, times=None, **options):
        """Spoil answers: of one path or all, for the next `times` requests or until healed.

        A fault of a path goes before one of all paths, a later one before an earlier one.
        """
        made = Fault(self, name, path, times, options)
        with self.lock:
            self.faults = (made, *self.faults)
        return made

    def heal(self, fault=None):
        """Take back one fault, or all. Those who already hang in it stay there."""
        with self.lock:
            self.faults = tuple(f for f in self.faults if fault is not None and f is not fault)

    def _fault_for(self, path):
        with self.lock:
            concerned = [f for f in self.faults if f.concerns(path)]
            chosen = min(concerned, key=lambda f: f.path is None, default=None)
            if chosen:
                chosen.served += 1
            return chosen

    # what was asked

    def count(self, path=None):
        """Requests received, of one path or all."""
        with self.lock:
            return self.requests[path] if path else sum(self.requests.values())

    def forget(self):
        """All counts back to 0; connections that are open stay counted as open."""
        with self.lock:
            self.requests.clear()
            self.answered.clear()
            self.set(connections_accepted=0, last_request=None)

    @property
    def last_headers(self):
        """Of the last request, names in lower case."""
        return self.last_request.headers if self.last_request else {}

    def wait_until(self, condition, timeout=TIMEOUT):
        """Until condition() holds, asked again after every event; TimeoutError with the counts otherwise."""
        with self.news:
            if not self.news.wait_for(condition, timeout):
                raise TimeoutError(f"{self.name}: not within {timeout} s; requests {dict(self.requests)}, answered "
                                   f"{dict(self.answered)}, connections {self.connections_accepted} accepted, "
                                   f"{self.connections_open} open")

    def wait_for_requests(self, n, path=None, timeout=TIMEOUT):
        """Until n requests in all have come in (since the start or forget())."""
        self.wait_until(lambda: self.count(path) >= n, timeout)

    def wait_for_more(self, n, path=None, timeout=TIMEOUT):
        """Until n further requests have come in."""
        self.wait_for_requests(self.count(path) + n, path, timeout)

    def wait_for_answers(self, n, path=None, timeout=TIMEOUT):
        """Until n requests in all were answered, well or badly, to the last byte."""
        self.wait_until(lambda: (self.answered[path] if path else sum(self.answered.values())) >= n, timeout)

    def _tell(self, **counts):
        with self.news:
            self.add(**counts)
            self.news.notify_all()

    # the simulator's own thread

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._talks[task] = writer
        self._tell(connections_accepted=1, connections_open=1)
        try:
            await converse(self, reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        except Exception:
            self.sim.blame(traceback.format_exc())
        finally:
            del self._talks[task]
            writer.close()
            self._tell(connections_open=-1)

    async def serve(self, request, reader, writer):
        """Answer one request; returns whether the connection stays."""
        path = request.path
        if self.control and path == CONTROL:
            return await Wire(request, await _obey(self, request), reader, writer).answer()
        with self.news:
            self.last_request = request
            self.requests[path] += 1
            self.news.notify_all()
        fault = self._fault_for(path)
        wire = Wire(request, self.good_answer(request.method, path), reader, writer)
        stays = await (fault.send(wire) if fault else wire.answer())
        with self.news:
            self.answered[path] += 1
            self.news.notify_all()
        return stays


class Sim:
    """All hubs of a process, on one event loop in one thread in the background."""

    def __init__(self):
        self.hubs = []
        self.errors = []  # of the simulator itself
        _allow_many_files()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._loop_error)
        self._thread = threading.Thread(target=self._loop.run_forever, name="hubsim", daemon=True)
        self._thread.start()

    def hub(self, name=None, shape="upstream", port=0, servers=3, tools=None, start=True, **options):
        """A new hub with `servers` (count or names) and `tools` in all; options: address, unix, tls, control,
        pid."""
        if shape not in SHAPES:
            raise ValueError(f"no shape {shape!r}; there are {', '.join(SHAPES)}")
        hub = Hub(self, name or f"hub{len(self.hubs) + 1}", shape, port, **options)
        hub.fill(servers, tools)
        self.hubs.append(hub)
        return hub.start() if start else hub

    def run(self, coroutine):
        """Run it on the simulator's loop and wait for its result."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("not from the simulator's own thread")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TIMEOUT)

    def close(self):
        """End everything; raises if the simulator itself went wrong."""
        if self._loop.is_closed():
            return
        for hub in self.hubs:
            hub.close()
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.errors:
            raise RuntimeError("the simulator failed:\n" + "\n".join(self.errors))

    def blame(self, text):
        self.errors.append(text)
        print(text, file=sys.stderr, flush=True)

    def _loop_error(self, _loop, context):
        error = context.get("exception")
        if not isinstance(error, OSError):  # peers that go away, TLS that fails: not ours
            self.blame(f"{context['message']}: {error!r}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _bind(address, port):
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


def _allow_many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16384 if hard == resource.RLIM_INFINITY else min(hard, 16384)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


# control over HTTP, for tests that run the simulator as a process

async def _obey(hub, request):
    try:
        done = await asyncio.to_thread(control, hub, json.loads(request.body))
        return Response(200, dumps(done))
    except Exception as error:
        return Response(400, dumps({"error": f"{type(error).__name__}: {error}"}))


def control(hub, orders):
    """{"hub": name, "set": {"breaker.state": "open"}, "call": [["servers.github.kill"], ["llm.call", {"failed": 5}]]}"""
    if "hub" in orders:
        hub = next(h for h in hub.sim.hubs if h.name == orders["hub"])
    for path, value in orders.get("set", {}).items():
        *parents, last = path.split(".")
        setattr(_walk(hub, parents), last, value)
    for path, *options in orders.get("call", []):
        _walk(hub, path.split("."))(**(options[0] if options else {}))
    return {"requests": dict(hub.requests), "answered": dict(hub.answered),
            "connections": hub.connections_accepted, "open": hub.connections_open, "running": hub.running}


def _walk(thing, names):
    for name in names:
        if name.startswith("_"):
            raise AttributeError(name)
        thing = thing[name] if isinstance(thing, dict) else getattr(thing, name)
    return thing


# command line

def _options():
    parser = argparse.ArgumentParser(description="Serve simulated MCP hubs until SIGTERM or SIGINT. "
                                                 "Prints 'URL http://127.0.0.1:PORT' for each, first of all.")
    parser.add_argument("--hubs", type=int, default=1, metavar="N", help="how many (default 1)")
    parser.add_argument("--shape", choices=SHAPES, default="upstream", help="of /api/filtering/stats")
    parser.add_argument("--port", type=int, default=0, help="of the first hub, the others follow (default: any)")
    parser.add_argument("--servers", type=int, default=3, metavar="N", help="of each hub (default 3)")
    parser.add_argument("--tools", type=int, metavar="N", help="of each hub, over all its servers")
    parser.add_argument("--size", type=int, metavar="BYTES", help="of the body of /api/health, instead of both")
    parser.add_argument("--pid", type=int, help="the process the hubs say they are (default: the simulator)")
    parser.add_argument("--fault", choices=sorted(FAULTS.keys() - {"raw", "edit"}), metavar="NAME",
                        help="on every answer from the start: %(choices)s")
    parser.add_argument("--story", choices=STORIES, help="play it on one hub with 8 servers, about a minute")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="of the story (default 1)")
    parser.add_argument("--exit", action="store_true", help="end when the story has ended")
    parser.add_argument("--control", action="store_true",
                        help="obey POST /_sim: " + control.__doc__)
    return parser.parse_args()


def _make(sim, options):
    if options.story:
        return [sim.hub("story", "documented", options.port, servers=8, control=options.control, pid=options.pid)]
    hubs = []
    for i in range(options.hubs):
        hub = sim.hub(f"hub{i + 1}", options.shape, options.port and options.port + i, options.servers,
                      options.tools, control=options.control, pid=options.pid)
        if options.size:
            hub.payload(options.size)
        if options.fault:
            hub.fault(options.fault)
        hubs.append(hub)
    return hubs


def main():
    options = _options()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with Sim() as sim:
        hubs = _make(sim, options)
        for hub in hubs:
            print("URL", hub.url, flush=True)
        if options.story:
            ended = play(hubs[0], STORIES[options.story], over.wait,
                         lambda second, words: print(f"{second:3d} s  {words}", flush=True), options.speed)
            if ended and options.exit:
                return
        over.wait()


if __name__ == "__main__":
    main()
