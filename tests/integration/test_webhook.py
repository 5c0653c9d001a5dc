# SPDX-License-Identifier: MIT
"""Webhooks of a real collectd: what they get, that nobody waits for them, and what Alertmanager makes of it."""
import json
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime

import pytest

from alertmanager import Alertmanager
from certificates import Authority
from daemon import HOST, OURS, Collectd, hub_block, hubs_block, quote
from receiver import Receiver

SECRET = "T0KEN-S3CRET"
RULES = {"info": {"active_clients": 2}, "warning": {"active_clients": 5}, "critical": {"active_clients": 10},
         "rules": [{"name": "active_clients", "runbook": "https://wiki.example/clients"},
                   {"name": "server_down", "for": "0s"}]}


def webhook(name, url, **options):
    lines = (f"    {key} {quote(value)}" for key, value in {"URL": url, **options}.items())
    return f"  <Webhook {quote(name)}>\n" + "\n".join(lines) + "\n  </Webhook>"


@pytest.fixture
def hub(sim):
    return sim.hub("prod")


@pytest.fixture
def start(hub, tmp_path):
    """start(webhook, ...): a daemon that reads the hub and has found all well; at its end no secret is anywhere."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps(RULES))
    stack = ExitStack()

    def made(*webhooks, **options):
        config = "\n".join((hubs_block(hub_block("prod", hub.url)), "<Plugin mcp_hub_alerts>",
                            f"  Rules {quote(rules)}", *webhooks, "</Plugin>"))
        daemon = stack.enter_context(without_secrets(Collectd(tmp_path / "collectd", config, **options)))
        daemon.wait_reads(1, "prod")
        return daemon
    with stack:
        yield made


@contextmanager
def without_secrets(daemon):
    with daemon:
        yield daemon
    for name in ("log", "stderr", "values", "notifications"):
        assert SECRET not in (daemon.folder / name).read_text(errors="replace"), name


def of_ops(daemon):
    return daemon.lines('mcp_hub_alerts: webhook "ops": ')


def wait_sum(daemon, **counts):
    for name, count in counts.items():
        daemon.wait_value(f"mcp_hub_alerts/total_events-notices_{name}", lambda value, least=count: value >= least)


def told(posts):
    return [(post["rule"], post["previous"], post["level"], post["status"]) for post in posts]


# what is posted

def test_json_says_all_of_an_alert(start, hub):
    with Receiver() as receiver:
        start(webhook("ops", f"{receiver.url}/{SECRET}/?sig={SECRET}", Header=f"X-Key: {SECRET}"))
        began = int(time.time())
        hub.clients = 6
        receiver.wait_delivered(1)
        hub.clients = 0
        fired, ended = receiver.wait_delivered(2)
    post = receiver.posts[0]
    assert post.path == f"/{SECRET}/?sig={SECRET}"
    assert post.headers["content-type"] == "application/json" and post.headers["x-key"] == SECRET
    times = [datetime.fromisoformat(fired.pop(key).replace("Z", "+00:00")).timestamp() for key in ("since", "time")]
    assert began - 2 <= times[0] <= times[1] <= time.time()
    message = fired.pop("message")
    assert "6" in message and "prod" in message
    assert fired == {"version": 1, "status": "firing", "rule": "active_clients", "level": "warning", "previous": "ok",
                     "host": HOST, "plugin": "mcp_hub", "plugin_instance": "prod", "type": "current_connections",
                     "type_instance": "mcp", "ds": "value", "runbook": "https://wiki.example/clients",
                     "value": 6.0, "threshold": 5.0}
    assert told([ended]) == [("active_clients", "warning", "ok", "resolved")]


def test_names_of_a_hub_are_no_markup_in_slack(start, hub):
    hub.server("memory").name = "<!channel> `x` *b* @here & co"
    with Receiver() as receiver:
        daemon = start(webhook("ops", receiver.url, Format="slack"))
        daemon.wait_reads(1, "prod")
        hub.server("memory").disconnect()
        body, = receiver.wait_delivered(1)
    shown = "&lt;!channel&gt; 'x' *b* @\u200bhere &amp; co"
    attachment, = body["attachments"]
    assert body["text"].startswith("WARNING: ") and shown in body["text"] and body["mrkdwn"] is False
    assert attachment["title"] == "server_down" and shown in attachment["text"] and attachment["mrkdwn_in"] == []
    assert attachment["color"] == "#ecb22e"


def test_each_webhook_gets_what_is_bad_enough_for_it(start, hub):
    with Receiver() as info, Receiver() as warning, Receiver() as critical:
        daemon = start(webhook("info", info.url, MinSeverity="info"), webhook("warning", warning.url),
                       webhook("critical", critical.url, MinSeverity="critical"))
        for clients, counts in ((3, (1, 0, 0)), (6, (2, 1, 0)), (11, (3, 2, 1)), (6, (4, 3, 2)), (0, (5, 4, 2))):
            hub.clients = clients
            for receiver, count in zip((info, warning, critical), counts):
                receiver.wait_delivered(count)
        wait_sum(daemon, sent=5 + 4 + 2 + 4)
        levels = ["ok", "info", "warning", "critical", "warning", "ok"]
        every = [("active_clients", before, level, "resolved" if level == "ok" else "firing")
                 for before, level in zip(levels, levels[1:])]
        assert told(info.delivered) == every
        assert told(warning.delivered) == every[1:]
        assert told(critical.delivered) == [every[2], ("active_clients", "critical", "warning", "resolved")]


# webhooks that do not work

def test_webhooks_that_are_down_slow_and_broken_deliver_once_when_they_are_back(start, hub):
    with Receiver(up=False) as down, Receiver() as slow, Receiver() as broken:
        slow.hang()
        broken.say(500, 503, 200)
        webhooks = {"down": down, "slow": slow, "broken": broken}
        daemon = start(*(webhook(name, f"{receiver.url}/{SECRET}", Timeout=2)
                         for name, receiver in webhooks.items()))
        hub.clients = 6
        daemon.wait_notification(severity="WARNING", rule="active_clients")
        for name, receiver in webhooks.items():
            daemon.wait_log(f'webhook "{name}": {receiver.url}/\\.\\.\\.: .*next try in')
            daemon.wait_reads(1, "prod")  # nobody waits
        hub.clients = 0
        daemon.wait_notification(severity="OKAY", rule="active_clients")
        slow.say(200)
        down.start()
        for name, receiver in webhooks.items():
            daemon.wait_log(f'webhook "{name}": .*works again')
            receiver.wait_delivered(2)
        wait_sum(daemon, sent=3 * 2 + 2, retried=4)
        for name, receiver in webhooks.items():
            assert told(receiver.delivered) == [("active_clients", "ok", "warning", "firing"),
                                                ("active_clients", "warning", "ok", "resolved")], name
            assert len(daemon.lines(f'webhook "{name}"')) == 2, "said once, and that it is over"
        assert "Connection refused" in daemon.lines('webhook "down"')[0]
        assert "no complete answer" in daemon.lines('webhook "slow"')[0]
        assert "HTTP status 500" in daemon.lines('webhook "broken"')[0]
        assert daemon.last("mcp_hub_alerts/total_events-notices_dropped") == 0


def test_a_refusal_is_final(start, hub):
    with Receiver() as receiver:
        receiver.say(403)
        daemon = start(webhook("ops", f"{receiver.url}/{SECRET}"))
        hub.clients = 6
        daemon.wait_log('webhook "ops": .*refuses a notice, which is lost: HTTP status 403')
        hub.clients = 11
        wait_sum(daemon, dropped=2)
        receiver.say(200)
        hub.clients = 0
        daemon.wait_log('webhook "ops": .*works again')
        assert len(receiver.posts) == 3 and len(of_ops(daemon)) == 2
        assert daemon.last("mcp_hub_alerts/total_events-notices_retried") == 0


def test_redirects_are_not_followed(start, hub):
    with Receiver() as target, Receiver(headers={"Location": f"{target.url}/"}) as receiver:
        receiver.say(307)
        daemon = start(webhook("ops", receiver.url))
        hub.clients = 6
        daemon.wait_log('webhook "ops": .*HTTP status 307 .redirects are not followed')
        wait_sum(daemon, dropped=1)
        assert target.posts == []


def test_sigterm_ends_collectd_while_a_webhook_hangs(start, hub):
    with Receiver() as receiver:
        receiver.hang()
        daemon = start(webhook("ops", f"{receiver.url}/{SECRET}", Timeout=300))
        hub.clients = 6
        receiver.wait_posts(1)
        daemon.stop()
        assert len(of_ops(daemon)) == 1 and "ends with 1 notices undelivered" in of_ops(daemon)[0]


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "unknown"])
def test_a_certificate_is_checked(start, hub, tmp_path, trusted):
    ours, theirs = (Authority(tmp_path, name) for name in ("ours", "theirs"))
    with Receiver(tls=ours.server("receiver", "IP:127.0.0.1")) as receiver:
        daemon = start(webhook("ops", f"{receiver.url}/{SECRET}",
                               CACert=(ours if trusted else theirs).certificate), whole_stacks=False)
        hub.clients = 6
        if trusted:
            receiver.wait_delivered(1)
            assert of_ops(daemon) == []
        else:
            daemon.wait_log('webhook "ops": https://.*: tls: ')
            wait_sum(daemon, retried=2)
            assert len(of_ops(daemon)) == 1 and receiver.posts == []


# Alertmanager

WARNING, CRITICAL, DOWN = ("active_clients", "warning"), ("active_clients", "critical"), ("hub_down", "critical")


@pytest.fixture
def manager(tmp_path):
    with Alertmanager(tmp_path / "alertmanager") as made:
        yield made


def ends(alert):
    return datetime.fromisoformat(alert["endsAt"].replace("Z", "+00:00")).timestamp()


def test_alertmanager_has_what_fires_for_as_long_as_it_does(start, hub, manager):
    daemon = start(webhook("alertmanager", manager.url, Format="alertmanager", Resend=2))
    hub.clients = 6
    alert = manager.wait_active(WARNING)[WARNING]
    assert alert["labels"] == {"alertname": "active_clients", "severity": "warning", "host": HOST,
                               "plugin": "mcp_hub", "hub": "prod", "type": "current_connections",
                               "type_instance": "mcp"}
    assert alert["annotations"].items() >= {"runbook": "https://wiki.example/clients", "value": "6",
                                            "threshold": "5"}.items()
    assert "prod" in alert["annotations"]["summary"]
    first_end = ends(alert)

    def is_past_it():
        """The alert must be there at every look until its first end is well over."""
        assert manager.active().keys() == {WARNING}
        return time.time() > first_end + 1
    manager.wait(is_past_it, "the time when the alert would have ended")
    hub.clients = 11
    manager.wait_active(CRITICAL)
    hub.stop()
    manager.wait_active(CRITICAL, DOWN)
    hub.start()
    manager.wait_active(CRITICAL)
    hub.clients = 0
    manager.wait_active()
    assert daemon.lines("webhook") == []


def test_alertmanager_that_restarts_is_told_again(start, hub, tmp_path):
    with Receiver() as receiver:
        start(webhook("alertmanager", receiver.url, Format="alertmanager", Resend=1))
        hub.clients = 6
        receiver.wait_posts(1)
        receiver.say(503, 503, 200)
        bodies = [post.json for post in receiver.wait_posts(5)]
        assert {body[0]["labels"]["alertname"] for body in bodies} == {"active_clients"}
        assert len({body[0]["endsAt"] for body in bodies}) > 1


def test_alerts_end_at_alertmanager_when_collectd_is_killed(start, hub, manager):
    daemon = start(webhook("alertmanager", manager.url, Format="alertmanager", Resend=1))
    hub.clients = 6
    manager.wait_active(WARNING)
    daemon.kill()
    manager.wait_active()


# many

def test_a_burst_is_one_notice_to_people_and_all_alerts_to_alertmanager(start, hub):
    hub.fill(100)
    with Receiver() as receiver, Receiver() as alertmanager:
        daemon = start(webhook("ops", receiver.url), webhook("am", alertmanager.url, Format="alertmanager"),
                       plugins=OURS)
        daemon.wait_reads(1, "prod")
        *down, _ = hub.servers.values()
        for server in down:
            server.disconnect()
        daemon.wait_value("mcp_hub_alerts-prod/mcp_alerts-warning", lambda firing: firing == 99)
        wait_sum(daemon, sent=99 + 2)
        named = {alert["labels"]["type_instance"] for post in alertmanager.posts for alert in json.loads(post.body)}
        assert named == {server.name for server in down}
        assert len(receiver.delivered) < 5 and len(alertmanager.posts) < 5
        assert "more: " in receiver.delivered[0]["message"]
