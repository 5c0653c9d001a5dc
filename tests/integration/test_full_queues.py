# SPDX-License-Identifier: MIT
"""More alerts than a webhook's queue has room for, while the webhook is away, and forged tests beside them."""
import json
import socket
import time
import urllib.request

import pytest

from alertmanager import Alertmanager
from background import free_port
from daemon import TIMEOUT, Collectd, quote
from packets import Sender, notice
from receiver import Receiver
from test_webhook import webhook

RULES = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "hot", "metric": "*/load-*/gauge", "op": ">", "critical": 5, "message": "{plugin_instance} is {value}"}]}
KNOWN, MANY, FORGED = 100, 3000, 5000  # alerts that the webhook knows before it is away; alerts then; forged tests


@pytest.fixture
def start(tmp_path):
    """start(webhook): a collectd that alerts on values over its socket, and its UDP port."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps(RULES))
    made = []

    def begin(block):
        port = free_port(socket.SOCK_DGRAM)
        config = "\n".join([f'<Plugin network>\n  Listen "127.0.0.1" "{port}"\n</Plugin>', "<Plugin mcp_hub_alerts>",
                            f"  Rules {quote(rules)}", block, "</Plugin>"])
        daemon = Collectd(tmp_path / "collectd", config, plugins=["mcp_hub_alerts"], stock=["network"])
        made.append(daemon.start())
        daemon.wait_fresh("mcp_hub_alerts/bool-rules_current")
        return daemon, port
    yield begin
    for daemon in made:
        daemon.stop()


def put(daemon, values):
    """{number: gauge}, over one connection."""
    with daemon.wait_until(daemon.connect, "unixsock") as client, client.makefile() as answers:
        for number, value in values.items():
            client.sendall(f"PUTVAL h/load-{number}/gauge interval=3600 {time.time():.3f}:{value}\n".encode())
            assert answers.readline().startswith("0 ")


def wait_firing(daemon, count):
    daemon.wait_value("mcp_hub_alerts/mcp_alerts-critical", lambda firing: firing == count, host="h")


def forge(port):
    """In a few hundred packets, as it was seen."""
    with Sender(port) as sender:
        for first in range(0, FORGED, 10):
            sender.send(*(notice(f"f{n}", "mcp_hub_alerts", "test", "ALARM", at=16_999_999_999)
                          for n in range(first, first + 10)))
            time.sleep(0.001)  # the kernel's buffer is small


def trouble(daemon, port, away):
    """The webhook is away: forged tests, many alerts, of which some end; and of those that it knows some end."""
    away()
    forge(port)
    put(daemon, dict.fromkeys(range(KNOWN, KNOWN + MANY), 9))
    forge(port)
    wait_firing(daemon, KNOWN + MANY)
    ended = [*range(0, KNOWN, 2), *range(KNOWN, KNOWN + MANY, 3)]
    put(daemon, dict.fromkeys(ended, 0))
    wait_firing(daemon, KNOWN + MANY - len(ended))
    return {*range(KNOWN + MANY)} - {*ended}


class Known:
    """What a receiver knows: the alerts that fire. No end comes before its start."""

    def __init__(self, receiver):
        self.receiver, self.taken, self.fires = receiver, 0, set()

    def now(self):
        posts = self.receiver.posts[self.taken:]
        self.taken += len(posts)
        for post in posts:
            if post.answer == 200:
                self.take(post.json)
        return self.fires

    def take(self, told):
        assert told["status"] in ("firing", "resolved") and told["rule"] == "hot", told
        number = int(told["plugin_instance"])
        if told["status"] == "firing":
            self.fires.add(number)
        else:
            self.fires.remove(number)


def test_a_receiver_that_was_away_hears_of_all_that_fires_and_of_the_ends_of_what_it_knew(start):
    with Receiver() as receiver:
        daemon, port = start(webhook("ops", receiver.url))
        known = Known(receiver)
        put(daemon, dict.fromkeys(range(KNOWN), 9))
        receiver.wait(lambda: known.now() == {*range(KNOWN)}, "what fires at first")
        fires = trouble(daemon, port, lambda: receiver.say(503))
        assert daemon.last("mcp_hub_alerts/total_events-notices_dropped") > 0, "there were more than fit"
        receiver.say(200)
        receiver.wait(lambda: known.now() == fires, "all that fires, and no more")
        put(daemon, dict.fromkeys(fires, 0))
        receiver.wait(lambda: known.now() == set(), "the ends")
        assert daemon.last("mcp_hub_alerts/total_events-network_refused") > 0


class Relay(Receiver):
    """In front of a real Alertmanager."""

    def __init__(self, manager):
        super().__init__()
        self.manager = manager

    def take(self, path, headers, body):
        post = super().take(path, headers, body)
        if post.answer == 200:
            with urllib.request.urlopen(urllib.request.Request(self.manager.url, body, headers={
                    "Content-Type": "application/json"}), timeout=TIMEOUT) as answer:
                assert answer.status == 200
        return post


def test_alertmanager_that_was_away_has_all_that_fires(start, tmp_path):
    with Alertmanager(tmp_path / "alertmanager") as manager, Relay(manager) as relay:
        daemon, port = start(webhook("ops", relay.url, Format="alertmanager", Resend=20))

        def has(numbers):
            with urllib.request.urlopen(manager.url, timeout=TIMEOUT) as answer:
                alerts = json.load(answer)
            assert {a["labels"]["alertname"] for a in alerts} <= {"hot"}, "no forged test"
            return {int(a["labels"]["instance"]) for a in alerts} == set(numbers)
        put(daemon, dict.fromkeys(range(KNOWN), 9))
        manager.wait(lambda: has(range(KNOWN)), "what fires at first")
        fires = trouble(daemon, port, lambda: relay.say(503))
        relay.say(200)
        manager.wait(lambda: has(fires), "all that fires, and no more")
        again = len(relay.delivered)
        relay.wait_delivered(again + 2 * len(fires) // 500 + 2)  # they are posted again before they end
        assert has(fires)
        assert max(len(body) for body in relay.delivered) <= 500
        put(daemon, dict.fromkeys(fires, 0))
        manager.wait(lambda: has(()), "the ends")
