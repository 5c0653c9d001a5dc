# SPDX-License-Identifier: MIT
"""Values and notices that anybody on the network can send to a collectd with `Listen`."""
import json
import socket
import subprocess
import time
from contextlib import contextmanager

from background import free_port
from daemon import BUILD, HOST, Collectd, hub_block, hubs_block, quote
from packets import Sender
from receiver import Receiver
from test_webhook import webhook

RULES = {"settings": {"group_wait": "0s"}, "warning": {"active_clients": 5},
         "rules": [{"name": "score", "metric": "*/mcp_hub_alerts-*/health-score", "op": "<", "warning": 10}]}


@contextmanager
def listening(folder, *blocks, hook=None, **options):
    """A collectd that takes everything that comes to its port, and a sender to it."""
    folder.mkdir(exist_ok=True)
    rules = folder / "alerts.json"
    rules.write_text(json.dumps(RULES))
    port = free_port(socket.SOCK_DGRAM)
    config = "\n".join([f'<Plugin network>\n  Listen "127.0.0.1" "{port}"\n</Plugin>',
                        "<Plugin mcp_hub_alerts>", f"  Rules {quote(rules)}",
                        *([webhook("ops", hook.url)] if hook else []), "</Plugin>", *blocks])
    with Collectd(folder / "collectd", config, stock=["network"], **options) as daemon, Sender(port) as sender:
        daemon.wait_until(lambda: arrives(daemon, sender, "first"), "the network plugin")
        yield daemon, sender


def arrives(daemon, sender, name):
    sender.value("elsewhere", "marker", "", "gauge", name, 1)
    return daemon.last(f"marker/gauge-{name}", host="elsewhere")


def wait_taken(daemon, sender, name="all"):
    """All that was sent before has been taken in, in its order."""
    daemon.wait_until(lambda: arrives(daemon, sender, name), f"marker {name}")


def wait_refused(daemon, count):
    daemon.wait_value("mcp_hub_alerts/total_events-network_refused", lambda value: value >= count)


def refused(daemon):
    return daemon.last("mcp_hub_alerts/total_events-network_refused")


def test_a_test_notice_from_the_network_gets_to_no_webhook(tmp_path):
    with Receiver() as hook, listening(tmp_path, hook=hook, plugins=["mcp_hub_alerts"]) as (daemon, sender):
        for n in range(20):
            sender.notify(f"forged{n}", "mcp_hub_alerts", "test", "ALARM", at=16_999_999_999)
        daemon.wait_notification(20, type="test", message="ALARM")
        began = time.time()
        subprocess.run([BUILD / "mcphubctl", "-s", daemon.socket, "-H", HOST, "test-notification"], check=True)
        first, = hook.wait_delivered(1)
        assert first["message"].startswith("TEST ") and first["host"] == HOST
        daemon.ask('PUTNOTIF severity=failure time=16999999999 host=h plugin=mcp_hub_alerts type=test message="late"')
        second = hook.wait_delivered(2)[1]
        assert second["message"] == "late", "the socket is trusted"
        for told in hook.delivered:
            at = time.mktime(time.strptime(told["time"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
            assert began - 2 <= at <= time.time() and told["since"] == told["time"], "our clock"
        wait_refused(daemon, 20)
        assert refused(daemon) == 20
        daemon.wait_log("came over the network")
        assert len(daemon.lines("came over the network")) == 1


def test_values_from_the_network_do_not_end_alerts_of_a_hub_that_is_read_here(sim, tmp_path):
    hub = sim.hub("prod")
    with listening(tmp_path, hubs_block(hub_block("prod", hub.url))) as (daemon, sender):
        daemon.wait_reads(1, "prod")
        hub.stop()
        daemon.wait_notification(rule="hub_down", severity="FAILURE")
        for _ in range(5):
            sender.value(HOST, "mcp_hub", "prod", "bool", "up", 1)
        wait_taken(daemon, sender)
        wait_refused(daemon, 5)
        daemon.wait_reads(2, "prod")
        assert len(daemon.notified(rule="hub_down")) == 1, "it has not ended and begun again"


def test_values_from_the_network_start_no_alerts_of_what_is_read_here(sim, tmp_path):
    """Neither with a series that the hub has, nor with one that it has not, nor with what our plugin computes."""
    hub = sim.hub("prod")
    with listening(tmp_path, hubs_block(hub_block("prod", hub.url))) as (daemon, sender):
        daemon.wait_reads(2, "prod")
        daemon.wait_value("mcp_hub_alerts-prod/health-score")
        sender.value(HOST, "mcp_hub", "prod", "bool", "up", 0)
        sender.value(HOST, "mcp_hub", "prod", "mcp_server_state", "made-up", 5)
        sender.value(HOST, "mcp_hub_alerts", "prod", "health", "score", 1)
        sender.value(HOST, "mcp_hub_alerts", "", "bool", "rules_current", 0)
        wait_taken(daemon, sender)
        wait_refused(daemon, 4)
        daemon.wait_reads(2, "prod")
        assert daemon.notified(plugin_instance="prod") == [] and refused(daemon) == 4


def test_the_hubs_and_scores_of_other_hosts_are_believed(sim, tmp_path):
    hub = sim.hub("prod")
    with listening(tmp_path, hubs_block(hub_block("prod", hub.url))) as (daemon, sender):
        daemon.wait_reads(1, "prod")
        sender.value("edge", "mcp_hub", "prod", "bool", "up", 0)
        daemon.wait_notification(rule="hub_down", severity="FAILURE", host="edge")
        sender.value("far", "mcp_hub_alerts", "prod", "health", "score", 5)
        daemon.wait_notification(rule="score", severity="WARNING", host="far")
        wait_taken(daemon, sender)
        assert refused(daemon) == 0


def test_values_over_the_socket_are_trusted(sim, tmp_path):
    hub = sim.hub("prod")
    with listening(tmp_path, hubs_block(hub_block("prod", hub.url, Interval=3600))) as (daemon, _):
        daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)
        daemon.ask(f"PUTVAL {HOST}/mcp_hub-prod/bool-up interval=10 N:0")
        daemon.wait_notification(rule="hub_down", severity="FAILURE")
