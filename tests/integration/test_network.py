# SPDX-License-Identifier: MIT
"""Networks that lose, delay, cut, refuse and resolve wrongly: collectd at one end of a wire, the hubs at the other.

One collectd reads all hubs, each over a road of its own, one of them the real one from npm. First all is well,
then what is to be bad is, then all is well, then the link is down for a while. Where no namespaces can be made
this is skipped with the reason; test_broken_lines.py has what can be had without.
"""
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

import hubsim
import namespaces
from daemon import CAUSES, PROMPT_RULES, UNREACHABLE, alerts_block, hub_block, hubs_block, quote
from hubsim import HEALTH
from nameserver import NameServer
from namespaces import Inside, Wire, black_hole, cut_after, deaf, delayed, disordered, lossy, narrow, rejecting
from npmhub import NpmHub, server
from receiver import Receiver
from test_webhook import wait_sum, webhook
from times import Times

pytestmark = pytest.mark.skipif(namespaces.why_not() is not None, reason=str(namespaces.why_not()))

PORT = 37373
READS = 3  # complete ones in bad times
PACE = 5  # of collectd: a read every second
HANGS = 3  # seconds until a read that hangs is given up
LATE = 0.1  # seconds, each way
CUT = 20_000  # bytes: within an answer
NARROW = 600  # bytes of a packet
HOOKS = {"silent": "name not resolved", "nxdomain": "cannot resolve the name", "well": None, "hangs": None}
FILES = 256  # and sockets, at once
RESOLVER, NOBODY, LOST = (Wire.address(number) for number in (38, 39, 40))


@dataclass
class Bad:
    cause: str
    says: str
    road: object = None  # its fault
    name: str = None  # what becomes of the hub's name


BAD = {
    "black hole": Bad("timeout", r"\(connected, 0 bytes", black_hole),
    "real hub": Bad("timeout", r"\(connected, 0 bytes", black_hole),
    "no syn-ack": Bad("timeout", r"\(not connected, 0 bytes", deaf),
    "cut midway": Bad("timeout", r"\(connected, \d{4,} bytes", cut_after(CUT)),
    "narrow": Bad("timeout", r"\(connected, 0 bytes", narrow(NARROW)),
    "rejected": Bad("connect", "refused", rejecting),
    "no such name": Bad("connect", "cannot resolve the name", name="nxdomain"),
    "servfail": Bad("connect", "cannot resolve the name", name="servfail"),
    "no address": Bad("connect", "cannot resolve the name", name="empty"),
    "nonsense": Bad("timeout", "name not resolved, 0 bytes", name="nonsense"),
    "no answer": Bad("timeout", r"\(name not resolved, 0 bytes", name="silent"),
    "wrong address": Bad("connect", "refused", name=NOBODY),
    "lost address": Bad("timeout", r"\(not connected, 0 bytes", name=LOST),
}
ODD = {"late": delayed(LATE), "lossy": lossy(7), "disordered": disordered(3, 0.02)}
NAMED = [name for name, bad in BAD.items() if bad.name] + ["beside by name"]
BESIDE = [*ODD, "beside", "beside by name"]
ALL = [*BAD, *BESIDE]
ROADS = {name: Wire.address(number) for number, name in enumerate(ALL, 1)}


def host_of(name):
    return name.replace(" ", "-") + ".test"


@pytest.fixture(scope="module")
def wire():
    with Wire() as made:
        made.spoil(LOST, black_hole)
        yield made


@pytest.fixture(scope="module")
def far(wire):
    """A simulator at the far end."""
    async def move():
        wire.far.__enter__()
    with hubsim.Sim() as made:
        made.run(move())
        yield made


@pytest.fixture(scope="module")
def names(wire):
    with wire.far:
        made = NameServer(RESOLVER, {host_of(name): road for name, road in ROADS.items()})
    with made:
        yield made


@pytest.fixture(scope="module")
def times(wire, far, names, npm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    hubs = {name: far.hub(name, port=PORT, address=ROADS[name], tools=3 if name in ODD else 100)
            for name in ALL if name != "real hub"}
    for name in (*NAMED, "no syn-ack"):
        hubs[name].keep_alive = 0

    def block(name, port):
        hangs = name in BAD and BAD[name].cause == "timeout"
        return hub_block(name, f"http://{host_of(name) if name in NAMED else ROADS[name]}:{port}",
                         **({"Timeout": HANGS} if hangs else {}))
    with ExitStack() as stack:
        with wire.far:
            real = stack.enter_context(NpmHub(folder / "hub", {"memory": server("server-memory")}))
        blocks = [*(block(name, PORT) for name in hubs), block("real hub", real.port)]
        config = hubs_block(*blocks) + "\n" + alerts_block(PROMPT_RULES)
        collectd = stack.enter_context(Inside(folder / "collectd", config, wire, f"nameserver {RESOLVER}\n", interval=0.5, speed=PACE))
        made = Times(collectd, ALL)
        made.go("before", 2)
        with made.change():
            for name, bad in BAD.items():
                if bad.name:
                    names.faults[host_of(name)] = bad.name
                else:
                    wire.spoil(ROADS[name], bad.road)
            for name, fault in ODD.items():
                wire.spoil(ROADS[name], fault)
        made.go("bad", READS + 1)
        with made.change():
            names.faults.clear()
            for name in (*BAD, *ODD):
                wire.spoil(ROADS[name], namespaces.well)
            for name in BAD:
                collectd.wait_notification(plugin_instance=name, severity="OKAY")
        made.go("mended", 2)
        with made.change():
            wire.near.link("down")
        made.go("down", 2)
        wire.near.link("up")
        with made.change():
            for name in ALL:
                collectd.wait_notification(2 if name in BAD else 1, plugin_instance=name, severity="OKAY")
        made.go("after", 2)
        yield made


@pytest.mark.parametrize("name", BAD)
def test_a_hub_that_the_network_hides_is_down_under_its_cause_in_each_read(times, name):
    reads = times.reads("bad", name)
    assert len(reads) >= READS and {read["bool-up"] for read in reads} == {0}
    counted = [{cause: read[f"errors-{cause}"] for cause in CAUSES} for read in reads]
    first = counted[0][BAD[name].cause]
    assert counted == [{**dict.fromkeys(CAUSES, 0), BAD[name].cause: first + n} for n in range(len(reads))]
    for read in reads:
        assert read["mcp_hub_state"] == UNREACHABLE
        assert read.keys() == {"bool-up", "mcp_hub_state", *(f"errors-{cause}" for cause in CAUSES)}, "stale"


@pytest.mark.parametrize("name", BAD)
def test_what_the_network_did_is_named_once_and_its_end_once(times, name):
    said, over = times.collectd.lines(f'hub "{name}"')[:2]  # more are of the link that was down
    assert re.search(rf"\[error\].*{HEALTH}: {BAD[name].cause}: .*(?:{BAD[name].says})", said)
    assert "[notice]" in over and "answers again" in over


@pytest.mark.parametrize("name", ALL)
def test_each_outage_is_one_failure_and_one_okay(times, name):
    told = [(n["severity"], n["identity"], n["meta"]["rule"][1])
            for n in times.collectd.notified(plugin_instance=name)]
    assert told == [(severity, f"mcp_hub-{name}/bool-up", "hub_down")
                    for _ in range(2 if name in BAD else 1) for severity in ("FAILURE", "OKAY")]


@pytest.mark.parametrize("name", BESIDE)
def test_hubs_on_bad_but_open_roads_and_beside_are_read_each_time(times, name):
    reads = [read for when in ("before", "bad", "mended") for read in times.reads(when, name)]
    assert {read["bool-up"] for read in reads} == {1} and {read["mcp_servers-connected"] for read in reads} == {3}
    assert {read[f"errors-{cause}"] for read in reads for cause in CAUSES} == {0}
    if name == "late":
        assert min(read["response_time-health"] for read in times.reads("bad", name)) >= 2 * LATE


@pytest.mark.parametrize("name", ALL)
def test_a_link_that_is_down_hides_every_hub_and_one_that_is_up_again_none(times, name):
    assert {read["bool-up"] for read in times.reads("down", name)} == {0}
    last, before = times.reads("after", name)[-1], times.reads("before", name)[-1]
    assert last["bool-up"] == 1 and last.keys() == before.keys()
    for event in ("mcp_server_restarts", "transitions"):
        assert {value for key, value in last.items() if key.startswith(event)} == {0}, "no server did anything"


def test_roads_and_names_that_hang_cost_nobody_an_interval(times):
    hanging = [name for name, bad in BAD.items() if bad.cause == "timeout"]
    assert all(times.waits_for_none("bad", name, hanging) for name in BESIDE)


def test_sigterm_ends_collectd_while_names_connections_and_webhooks_hang(wire, far, names, tmp_path):
    hung, lost = Wire.address(36), Wire.address(37)
    hub = far.hub("hung", port=PORT, address=hung)
    hub.fault("hang", after=100)
    names.faults.update({"hub.hangs": "silent", "hook.hangs": "silent"})
    wire.spoil(lost, deaf)
    hour = {"Interval": 3600, "Timeout": 3600}
    config = "\n".join([
        hubs_block(hub_block("name", f"http://hub.hangs:{PORT}", **hour), hub_block("answer", hub.url, **hour),
                   hub_block("connection", f"http://{lost}:{PORT}", **hour),
                   hub_block("down", f"http://{NOBODY}:{PORT}", **hour)),
        alerts_block(PROMPT_RULES).replace("</Plugin>", '  <Webhook "ops">\n    URL "http://hook.hangs/"\n'
                                           "    Timeout 300\n  </Webhook>\n</Plugin>")])
    resolver = f"nameserver {RESOLVER}\noptions timeout:30 attempts:5\n"
    with Inside(tmp_path / "collectd", config, wire, resolver) as collectd:
        collectd.wait_notification(rule="hub_down", plugin_instance="down")
        collectd.wait_until(lambda: names.asked["hub.hangs"] and names.asked["hook.hangs"] and wire.packets[lost]
                            and hub.count(HEALTH), "all that hangs")
        collectd.stop()
        assert collectd.lines('webhook "ops": .*ends with 1 notices undelivered')
        assert {n["plugin_instance"] for n in collectd.notifications} == {"down"}


def test_webhooks_whose_names_come_back_deliver_once_and_in_order_and_nobody_waits(wire, far, names, tmp_path):
    """The name of the one that hangs is looked up all the time: whatever else is seen has not waited for it."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"settings": {"group_wait": "0s"}, "warning": {"active_clients": 5}}))
    hub = far.hub("hooked", port=PORT, address=Wire.address(35))
    names.faults.update({"silent.hook": "silent", "nxdomain.hook": "nxdomain", "hangs.hook": "silent"})
    with ExitStack() as stack:
        hooks = {}
        for number, name in enumerate(HOOKS, 31):
            names.names[f"{name}.hook"] = Wire.address(number)
            with wire.far:
                hooks[name] = stack.enter_context(Receiver(address=Wire.address(number)))
        config = "\n".join([
            hubs_block(hub_block("prod", hub.url)), "<Plugin mcp_hub_alerts>", f"  Rules {quote(rules)}",
            *(webhook(name, f"http://{name}.hook:{hook.port}/", Timeout=300 if name == "hangs" else 1)
              for name, hook in hooks.items()), "</Plugin>"])
        resolver = f"nameserver {RESOLVER}\noptions timeout:30 attempts:5\n"
        collectd = stack.enter_context(Inside(tmp_path / "collectd", config, wire, resolver))
        collectd.wait_reads(1, "prod")
        for count, clients in enumerate((6, 0, 7), 1):
            hub.clients = clients
            hooks["well"].wait_delivered(count)
        for name in ("silent", "nxdomain"):
            said, = collectd.wait_log(f'webhook "{name}": ')
            assert HOOKS[name] in said and "next try in" in said and not hooks[name].posts
        names.faults.clear()
        hub.clients = 0
        for name in ("silent", "nxdomain", "well"):
            told = [(post["status"], post["value"]) for post in hooks[name].wait_delivered(4)]
            assert told == [("firing", 6), ("resolved", 0), ("firing", 7), ("resolved", 0)], name
        wait_sum(collectd, sent=3 * 4 + 4)
        collectd.wait_reads(1, "prod")
        for name, hook in hooks.items():
            assert len(hook.posts) == (0 if name == "hangs" else 4)
            assert len(collectd.lines(f'webhook "{name}": ')) == (2 if HOOKS[name] else 0), "said once, and its end"
        assert collectd.last("mcp_hub_alerts/total_events-notices_dropped") == 0


class Narrow(Inside):
    """With few descriptors for files and sockets."""

    def command(self, *options):
        return ["prlimit", f"--nofile={FILES}", *super().command(*options)]


def test_names_that_hang_leave_others_their_sockets_and_are_found_again(wire, far, names, tmp_path):
    """Each read of them may begin a lookup that outlives it."""
    beside = far.hub("not kept", port=PORT, address=Wire.address(30))
    beside.keep_alive = 0
    hang = [f"hangs{i}" for i in range(30)]
    for name in hang:
        names.names[f"{name}.test"] = Wire.address(30)
        names.faults[f"{name}.test"] = "silent"
    config = hubs_block(hub_block("beside", beside.url),
                        *(hub_block(name, f"http://{name}.test:{PORT}", Timeout=0.5) for name in hang))
    resolver = f"nameserver {RESOLVER}\noptions timeout:3 attempts:2\n"
    with Narrow(tmp_path / "collectd", config, wire, resolver, plugins=["mcp_hub"]) as collectd:
        collectd.wait_reads_of(["beside", *hang], 10)
        assert {r.values["errors-connect"] for r in collectd.complete("beside")} == {0}, "there were descriptors"
        assert {r.values["bool-up"] for r in collectd.complete("beside")} == {1}
        names.faults.clear()
        for name in hang:
            collectd.wait_value(f"mcp_hub-{name}/bool-up", lambda up: up == 1)
            down, *later = collectd.lines(f'hub "{name}"')
            assert "name not resolved" in down and any("answers again" in line for line in later)
        assert collectd.lines('hub "beside"') == []
