# SPDX-License-Identifier: MIT
"""An incident in a minute, for the demonstration: data first, then who plays it."""
from dataclasses import dataclass


@dataclass
class Step:
    """`words` are said and `act` is done; then every second of `seconds` brings this load."""
    seconds: int
    words: str
    act: object = None
    success: int = 20
    failed: int = 0
    latency: int = 700
    hits: int = 18
    misses: int = 2
    queue: int = 0  # change of the queue's depth each second
    answers: bool = True


def _fail_more(hub):
    hub.breaker.failures = 2


def _at_the_brink(hub):
    hub.breaker.failures = 4


def _down(hub):
    hub.stop()


def _back(hub):
    hub.reset()
    hub.state = "starting"
    hub.start()


def _ready(hub):
    hub.state = "ready"


INCIDENT = [
    Step(8, "all is well: 8 servers connected, every LLM call succeeds"),
    Step(6, "the LLM begins to fail: success rate falls under 95 %, latency over 2 s", _fail_more,
         success=16, failed=4, latency=2400, hits=12, misses=6, queue=2),
    Step(6, "worse: success rate falls under 90 %, the queue grows", _at_the_brink,
         success=18, failed=12, latency=5600, hits=8, misses=8, queue=8),
    Step(6, "circuit breaker opens: no LLM calls, fallbacks only", lambda hub: hub.breaker.open(),
         success=0, failed=0, hits=6, misses=6, queue=1),
    Step(5, "circuit breaker half-open: a few calls are let through", lambda hub: hub.breaker.half_open(),
         success=3, failed=1, latency=2600, hits=8, misses=4, queue=-6),
    Step(6, "server 'postgres' dies while 'connected': uptime 0, nothing else changes",
         lambda hub: hub.server("postgres").kill(), success=8, failed=1, latency=1800, queue=-5),
    Step(6, "the hub goes down: its port refuses", _down, answers=False),
    Step(3, "the hub is back, starting: counters at zero, all servers reconnect", _back, success=0, hits=0, misses=0),
    Step(14, "recovered: ready, circuit breaker closed, queue empty, every call succeeds", _ready),
]

STORIES = {"incident": INCIDENT}


def play(hub, steps, wait, say, speed=1.0):
    """Go through the steps; wait(seconds) returns True to end early, say(second, words) tells."""
    at = 0
    for step in steps:
        say(at, step.words)
        if step.act:
            step.act(hub)
        for _ in range(step.seconds):
            if step.answers:
                _second(hub, step)
            at += 1
            if wait(1 / speed):
                return False
    say(at, "end of the story; the hub stays as it is")
    return True


def _second(hub, step):
    with hub.lock:
        calls = {"timeouts": step.failed // 2, "retries": step.failed, "fallbacks": step.failed}
        hub.llm.call(step.success, step.failed, step.latency, **calls)
        hub.cache.ask(step.hits, step.misses)
        hub.queue.set(depth=max(0, hub.queue.depth + step.queue),
                      processed=hub.queue.processed + step.success + step.failed)
