# SPDX-License-Identifier: MIT
"""A central collectd alerts on the hubs of others, whose values come over the network plugin."""
import socket

from daemon import PROMPT_RULES, Collectd, alerts_block, hub_block, hubs_block
from background import free_port


def test_a_central_collectd_alerts_on_the_hubs_of_others(sim, tmp_path):
    port = free_port(socket.SOCK_DGRAM)
    hub = sim.hub("far", shape="documented")
    central = Collectd(tmp_path / "central", alerts_block(PROMPT_RULES) +
                       f'\n<Plugin network>\nListen "127.0.0.1" "{port}"\n</Plugin>',
                       plugins=["mcp_hub_alerts"], stock=["network"], host="central", write_threads=5)
    edge = Collectd(tmp_path / "edge", hubs_block(hub_block("prod", hub.url)) +
                    f'\n<Plugin network>\nServer "127.0.0.1" "{port}"\n</Plugin>',
                    plugins=["mcp_hub"], stock=["network"], host="edge")

    def arrives(name, predicate):
        """collectd holds back values until a packet is full."""
        def here():
            edge.ask('FLUSH plugin="network"')
            seen = central.series.get(("edge", name))
            return seen and predicate(seen[-1][1])
        central.wait_until(here, f"{name} in the centre")

    with central, edge:
        arrives("mcp_hub-prod/bool-up", lambda up: up == 1)
        assert central.alert_counts("prod", host="edge")["critical"] == 0
        hub.breaker.open()
        arrives("mcp_hub-prod/mcp_breaker_state", lambda state: state == 2)
        central.wait_notification(severity="FAILURE", rule="circuit_breaker_state")
        hub.stop()
        arrives("mcp_hub-prod/bool-up", lambda up: up == 0)
        central.wait_notification(severity="FAILURE", rule="hub_down")
        assert central.alert_counts("prod", host="edge")["critical"] == 2
        hub.breaker.close()
        hub.start()
        arrives("mcp_hub-prod/mcp_breaker_state", lambda state: state == 0)
        central.wait_notification(severity="OKAY", rule="circuit_breaker_state")
        arrives("mcp_hub-prod/bool-up", lambda up: up == 1)
        central.wait_notification(severity="OKAY", rule="hub_down")
        assert central.alert_counts("prod", host="edge")["critical"] == 0
        assert {(n["host"], n["plugin"], n["plugin_instance"]) for n in central.notifications} == {
            ("edge", "mcp_hub", "prod")}
        assert len(central.notifications) == 4
        assert central.identities("mcp_hub_alerts") and not central.identities("mcp_hub_alerts", host="edge")
        assert edge.notifications == []
