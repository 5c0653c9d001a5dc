# SPDX-License-Identifier: MIT
"""Two collectds and the network plugin's signatures, configured as SECURITY.md has it."""
import socket
import time

import pytest

from background import free_port
from daemon import PROMPT_RULES, Collectd, alerts_block, hub_block, hubs_block
from documents import block
from packets import Sender

PASSWORD = "a long secret"
LEVELS = ("Sign", "Encrypt")


def network(name, level, **values):
    """A block of SECURITY.md, with addresses and files of the test. The plugin is loaded elsewhere."""
    text = block(name).replace("LoadPlugin network\n", "").replace('SecurityLevel "Sign"', f'SecurityLevel "{level}"')
    for old, new in values.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def pair(sim, tmp_path):
    """pair(level, password): a hub, the central collectd, the one that reads the hub, and the port."""
    daemons, port = [], free_port(socket.SOCK_DGRAM)
    passwords = tmp_path / "passwd"
    passwords.write_text(f"edge: {PASSWORD}\n")
    passwords.chmod(0o600)

    def made(level, password=PASSWORD):
        hub = sim.hub("far", shape="documented")
        central = Collectd(tmp_path / "central", alerts_block(PROMPT_RULES) + "\n" + network(
            "central", level, **{"0.0.0.0": "127.0.0.1", "25826": str(port), "/etc/collectd/passwd": str(passwords)}),
            plugins=["mcp_hub_alerts"], stock=["network"], host="central")
        edge = Collectd(tmp_path / "edge", hubs_block(hub_block("prod", hub.url)) + "\n" + network(
            "central-edge", level, **{"central.example": "127.0.0.1", "25826": str(port), PASSWORD: password}),
            plugins=["mcp_hub"], stock=["network"], host="edge")
        daemons.extend([central, edge])
        return hub, central.start(), edge.start(), port
    yield made
    for daemon in daemons:
        daemon.stop()


def arrives(central, edge, name, predicate):
    """The network plugin holds back values until a packet is full."""
    def here():
        edge.ask('FLUSH plugin="network"')
        seen = central.series.get(("edge", name))
        return seen and predicate(seen[-1][1])
    central.wait_until(here, f"{name} in the centre")


@pytest.mark.parametrize("level", LEVELS)
def test_signed_values_are_believed_and_others_refused(pair, level):
    hub, central, edge, port = pair(level)
    arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 1)
    with Sender(port) as anybody:
        anybody.value("edge", "mcp_hub", "prod", "bool", "up", 0)
        anybody.value("elsewhere", "mcp_hub", "prod", "bool", "up", 0)
        central.wait_log("network plugin: (Unsigned|Unencrypted) packet or part has been ignored", count=2)
        hub.stop()
        arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 0)
        central.wait_notification(rule="hub_down", severity="FAILURE")
        anybody.value("edge", "mcp_hub", "prod", "bool", "up", 1)
        hub.start()
        arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 1)
        central.wait_notification(rule="hub_down", severity="OKAY")
    assert [(n["host"], n["severity"]) for n in central.notified(rule="hub_down")] == [
        ("edge", "FAILURE"), ("edge", "OKAY")]
    assert not [name for host, name in central.series if host == "elsewhere"]


def test_values_that_are_signed_with_another_password_are_refused(pair):
    _, central, edge, _ = pair("Sign", "a wrong secret")
    edge.wait_reads(1, "prod")

    def refused():
        edge.ask('FLUSH plugin="network"')
        return central.lines("network plugin: .*Hash mismatch")
    central.wait_until(refused, "the log of the network plugin")
    assert not [name for host, name in central.series if host == "edge"] and central.notifications == []


def test_a_signed_value_in_the_name_of_the_central_collectd_is_refused(pair):
    _, central, edge, _ = pair("Sign")
    arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 1)
    central.ask(f"PUTVAL central/mcp_hub-own/bool-up interval=10 {time.time():.3f}:1")
    edge.ask(f"PUTVAL central/mcp_hub-own/bool-up interval=10 {time.time():.3f}:0")

    def refused():
        edge.ask('FLUSH plugin="network"')
        return central.last("mcp_hub_alerts/total_events-network_refused")
    central.wait_until(refused, "a refused value")
    assert central.notified(plugin_instance="own") == []
