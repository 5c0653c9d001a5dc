# SPDX-License-Identifier: MIT
"""Two collectds and the network plugin's signatures, configured as SECURITY.md has it."""
import socket
import threading
import time

import pytest

from background import free_port
from daemon import PROMPT_RULES, Collectd, alerts_block, hub_block, hubs_block
from documents import block
from packets import Sender

PASSWORD = "a long secret"
LEVELS = ("Sign", "Encrypt")


def network(text, level, **values):
    """A block of SECURITY.md, with addresses and files of the test. The plugin is loaded elsewhere."""
    text = text.replace("LoadPlugin network\n", "").replace('SecurityLevel "Sign"', f'SecurityLevel "{level}"')
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

    def made(level, password=PASSWORD, through=None):
        hub = sim.hub("far", shape="documented")
        central = Collectd(tmp_path / "central", alerts_block(PROMPT_RULES) + "\n" + network(
            block("central"), level, **{"0.0.0.0": "127.0.0.1", "25826": str(port), "/etc/collectd/passwd": str(passwords)}),
            plugins=["mcp_hub_alerts"], stock=["network"], host="central")
        edge = Collectd(tmp_path / "edge", hubs_block(hub_block("prod", hub.url)) + "\n" + network(
            block("central-edge"), level, **{"central.example": "127.0.0.1", "25826": str(through(port) if through else port),
                               PASSWORD: password}),
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


class Wiretap:
    """Passes packets on, and keeps them."""

    def __init__(self):
        self.socket, self.packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), []
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __call__(self, port):
        self.to = ("127.0.0.1", port)
        self.thread.start()
        return self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def run(self):
        while packet := self.socket.recv(65536):
            self.packets.append(packet)
            self.socket.sendto(packet, self.to)


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


def test_signed_packets_that_are_sent_again_end_no_alert(pair):
    with Wiretap() as tap:
        hub, central, edge, port = pair("Sign", through=tap)
        arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 1)
        recorded = list(tap.packets)
        hub.stop()
        arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 0)
        central.wait_notification(rule="hub_down", severity="FAILURE")
        for packet in recorded:
            tap.socket.sendto(packet, tap.to)
        central.wait_value("mcp_hub_alerts/total_events-network_refused", lambda count: count > 0)
        count = len(central.series["edge", "mcp_hub-prod/bool-up"])

        def goes_on():
            edge.ask('FLUSH plugin="network"')
            return len(central.series["edge", "mcp_hub-prod/bool-up"]) > count + 2
        central.wait_until(goes_on, "later values")
        assert len(central.notified(rule="hub_down")) == 1, "it has not ended and begun again"
        hub.start()
        arrives(central, edge, "mcp_hub-prod/bool-up", lambda up: up == 1)
        central.wait_notification(rule="hub_down", severity="OKAY")
