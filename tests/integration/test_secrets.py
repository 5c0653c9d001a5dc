# SPDX-License-Identifier: MIT
"""Marked secrets in every place that holds one, failures of every kind, and no mark in anything that collectd writes.

Debian's collectd is built without the log level debug: info is the most that it says.
"""
import base64
import json
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from certificates import Authority
from daemon import (BUILD, DEPLOYED_RULES, PROMPT_RULES, SANITIZERS, STOCK_PLUGINS, Collectd, alerts_block, coming_minute,
                    hub_block, hubs_block, quote)
from hubsim import HEALTH
from npmhub import NpmHub, server
from receiver import Receiver

STEM = "Xq7zMARK"


def mark(place):
    return f"{STEM}-{place}"


PASSWORD = mark("password")
ENCODED = base64.b64encode(f"monitor:{PASSWORD}".encode()).decode()
PAGE = f"<html>{mark('page')}</html>"

# failure -> fault of the simulator, its options, the cause that is said
FAILURES = {
    "unauthorized": ("status", {"code": 401, "body": PAGE}, "http"),
    "broken": ("status", {"code": 500, "body": json.dumps({"error": mark("error")})}, "http"),
    "redirected": ("redirect", {"to": f"http://u:{mark('userinfo')}@127.0.0.1:1/?token={mark('query')}"}, "http"),
    "a page": ("html", {"text": PAGE}, "parse"),
    "not json": ("body", {"data": f"{mark('text')}\n"}, "parse"),
    "a word": ("body", {"data": json.dumps(mark("word"))}, "parse"),
    "other json": ("body", {"data": json.dumps({mark("key"): mark("value")})}, "parse"),
    "broken json": ("edit", {"function": lambda body: body.replace(b":", b":" + STEM.encode(), 1)}, "parse"),
    "cut": ("cut_json", {}, "parse"),
    "trailing": ("trailing", {"data": mark("trailing")}, "parse"),
    "truncated": ("truncated", {}, "parse"),
    "not http": ("garbage", {"data": f"{mark('greeting')}\r\n\r\n".encode()}, "http"),
    "odd header": ("raw", {"data": f"HTTP/1.1 403 {mark('reason')}\r\nSet-Cookie: {mark('cookie')}\r\n\r\n"}, "http"),
    "bad chunk": ("raw", {"data": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{mark('chunk')}\r\n"}, "http"),
    "silent": ("silent", {}, "timeout"),
    "reset": ("reset", {"after": 100}, "connect"),
    "endless": ("oversize", {}, "oversize"),
}


def tell_secrets(hub):
    """In all that a hub says and that is no name of a server."""
    for server in hub.servers.values():
        server.set(display_name=mark("display"), description=mark("description"), config_source=mark("source"),
                   info={"name": mark("info"), "version": mark("version")})
    names = list(hub.servers)
    hub.server(names[0]).unauthorize(mark("authorization"))
    hub.server(names[1]).disconnect(f"spawn failed: API_KEY={mark('spawn')}")
    hub.server(names[2]).status = "resting"  # a remark that names the server
    hub.add_workspace(1, 1, cwd=f"/home/{mark('cwd')}", config_files=[mark("file")])
    return hub


class Scene:
    """Two kinds of login on each failure, TLS that is refused, and a real hub whose servers are given secrets."""

    def __init__(self, sim, folder):
        self.folder = folder
        self.token = folder / "token"
        self.token.write_text(mark("token") + "\n")
        self.credentials = {"login": {"User": "monitor", "Password": PASSWORD},
                            "token": {"BearerTokenFile": self.token}}
        self.hubs, self.blocks = {}, []
        for failure in FAILURES:
            for login in self.credentials:
                self.add(f"{failure}, {login}", sim.hub(f"{failure} {login}"), login)
        ours = Authority(folder, "ours")
        self.add("untrusted", sim.hub("tls", tls=ours.server("tls", f"IP:127.0.0.1,DNS:{mark('alternative')}")),
                 "token")
        self.add("othername", sim.hub("name", tls=ours.server("name", "DNS:elsewhere")), "login",
                 CACert=ours.certificate)
        self.add("refused", sim.hub("refused"), "login")
        (folder / "bad token").write_text(f"{mark('two')} words\n")
        self.add("bad token", sim.hub("bad token"), None, BearerTokenFile=folder / "bad token")

    def add(self, name, hub, login, **options):
        options = {**self.credentials.get(login, {}), "Header": f"X-Api-Key: {mark('header')}", **options}
        self.hubs[name] = tell_secrets(hub)
        if name.startswith("silent"):
            options["Timeout"] = 2
        self.blocks.append(hub_block(name, hub.url, MaxBodySize=100_000, **options))

    def spoil(self):
        for name, hub in self.hubs.items():
            fault, options, _ = FAILURES.get(name.split(", ")[0], (None, {}, None))
            if fault:
                hub.fault(fault, **options)
        self.hubs["refused"].stop()

    def causes(self):
        said = {f"{failure}, {login}": cause for failure, (_, _, cause) in FAILURES.items()
                for login in self.credentials}
        return {**said, "untrusted": "tls", "othername": "tls", "refused": "connect", "bad token": "connect"}


def npm_hub(folder):
    """Secrets as arguments and environment of servers, one that runs and two that cannot."""
    runs = {**server("server-memory", mark("argument")), "env": {"API_KEY": mark("environment")}}
    return NpmHub(folder / "npm", {
        "memory": runs,
        "ghost": {"command": f"/nonexistent/{mark('command')}", "args": [mark("ghost")], "env": {"KEY": mark("key")}},
        "remote": {"url": f"http://u:{mark('remote')}@127.0.0.1:9/?key={mark('remotekey')}",
                   "headers": {"Authorization": mark("remoteheader")}}})


def lines_with_marks(folder):
    """Of all files that collectd wrote, and their names."""
    found = []
    for path in Path(folder).rglob("*"):
        if path.is_file() and path.name != "collectd.conf":
            text = path.read_text(errors="replace")
            found += [f"{path.name}: {line}" for line in [str(path.relative_to(folder)), *text.splitlines()]
                      if STEM in line or ENCODED in line]
    return found


class Hooks:
    """Webhooks with secrets in each place: one that refuses and repeats what it got, one that sends elsewhere, one that
    fails, one that is not there, and one with a wrong certificate."""

    def __init__(self, folder, stack, ours, token):
        def echo(post):
            return f"{post.path} {post.headers} {mark('echo')}".encode() + post.body
        away = {"Location": f"http://u:{mark('location')}@127.0.0.1:1/?{mark('elsewhere')}", "X-Reason": mark("answer")}
        enter = stack.enter_context
        self.receivers = {
            "refusing": enter(Receiver(page=echo)), "away": enter(Receiver(headers=away, page=echo)),
            "failing": enter(Receiver(page=echo)), "gone": enter(Receiver(up=False)),
            "untrusted": enter(Receiver(tls=ours.server("hook", f"IP:127.0.0.1,DNS:{mark('alternative')}")))}
        for name, status in (("refusing", 403), ("away", 307), ("failing", 500)):
            self.receivers[name].say(status)
        logins = {"refusing": {"User": "monitor", "Password": PASSWORD}, "failing": {"BearerTokenFile": token}}
        self.blocks = "\n".join(
            f"  <Webhook {name}>\n" + "".join(f"    {key} {quote(value)}\n" for key, value in {
                "URL": f"{receiver.url}/{mark('path')}/?sig={mark('signature')}", "Header": f"X-Key: {mark('hookheader')}",
                **logins.get(name, {})}.items()) + "  </Webhook>" for name, receiver in self.receivers.items())

    def wait_told(self, collectd):
        for name in self.receivers:
            collectd.wait_log(rf'webhook "{name}": ')


def of_ctl(collectd):
    """All that the operators' command says, whatever its exit status."""
    args = [BUILD / "mcphubctl", "-s", collectd.socket, "-S", collectd.folder / "status.json"]
    for command in (["status"], ["check"], ["summary"], ["baseline", "-d", "1"], ["test-notification"],
                    ["rules", "check", collectd.folder.parent / "alerts.json"]):
        for form in ([], ["--json"]):
            ran = subprocess.run([*args, *form, *command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            assert ran.stdout or ran.stderr
            yield from (ran.stdout + ran.stderr).splitlines()


def test_no_secret_of_hubs_and_webhooks_that_fail_is_written(sim, npm, tmp_path):
    scene = Scene(sim, tmp_path)
    real = npm_hub(tmp_path)
    csv, reports = tmp_path / "collectd1" / "csv", tmp_path / "collectd1" / "reports"
    reports.mkdir(parents=True)
    rules = tmp_path / "alerts.json"
    rules.write_bytes(PROMPT_RULES.read_bytes())
    with ExitStack() as stack:
        hooks = Hooks(tmp_path, stack, Authority(tmp_path, "hooks"), scene.token)
        stack.enter_context(real)  # takes its time: before a minute is chosen
        minute, zone = coming_minute(50 if SANITIZERS else 20)
        summary = f'  DailySummary "{minute}"\n  ReportDir {quote(reports)}\n'
        config = "\n".join([
            hubs_block(*scene.blocks, hub_block("real", real.url, Process="auto", LogFile="auto")),
            alerts_block(rules).replace("</Plugin>", f"{summary}{hooks.blocks}\n</Plugin>"),
            f'PluginDir "{STOCK_PLUGINS}"\nLoadPlugin csv\n<Plugin csv>\n  DataDir "{csv}"\n</Plugin>'])
        collectd = stack.enter_context(Collectd(tmp_path / "collectd1", config, whole_stacks=False, environment=zone, interval=0.5, speed=5))
        collectd.wait_value("mcp_hub-real/ps_rss-memory")
        collectd.wait_value("mcp_hub-real/file_size-log")
        collectd.wait_value("mcp_hub-refused/bool-up", lambda up: up == 1)
        with next(real.home.rglob("mcp-hub.log")).open("a") as log:
            log.write(json.dumps({"level": "error", "msg": {"prompt": mark("prompt")}}) + "\n")
            log.write(json.dumps({"type": "error", "message": mark("message"), "data": mark("data")}) + "\n")
            log.write(f"'{mark('logged')}' MCP server connected\n")
        collectd.wait_value("mcp_hub-real/mcp_log_entries-error", lambda errors: errors >= 2)
        scene.spoil()
        for name, cause in scene.causes().items():
            collectd.wait_log(rf'hub "{name}".*{HEALTH}: {cause}: ')
        real.config.write_text(f'{{"mcpServers": {mark("config")}')  # unreadable now
        real.stop()
        collectd.wait_notification(rule="hub_down", plugin_instance="real")
        collectd.wait_notification(rule="hub_down", plugin_instance="refused")
        hooks.wait_told(collectd)
        collectd.wait_until(lambda: list(csv.rglob("bool-up*")), "files of csv")
        collectd.wait_until(lambda: list(reports.glob("*.md")), "the report")
        said = [*collectd.ask("LISTVAL"), *of_ctl(collectd)]
        for path in ("cmdline", "comm", "environ"):
            said.append(Path(f"/proc/{collectd.process.pid}/{path}").read_text())
    received = {h.last_headers.get("authorization") for h in scene.hubs.values()}
    received |= {post.headers.get("authorization") for r in hooks.receivers.values() for post in r.posts}
    assert received >= {f"Basic {ENCODED}", f"Bearer {mark('token')}"}, "the secrets were at work"
    assert mark("signature") in hooks.receivers["away"].posts[0].path
    assert {"mcp_hub_alerts.state", "status.json", "log", "notifications"} <= {
        path.name for path in collectd.folder.iterdir()}
    assert lines_with_marks(collectd.folder) == []
    assert [line for line in said if STEM in line or ENCODED in line] == []


WRONG = {
    "userinfo in the URL": f'URL "http://monitor:{PASSWORD}@127.0.0.1:1"',
    "user in the URL": f'URL "http://{PASSWORD}@127.0.0.1:1"',
    "query in the URL": f'URL "http://127.0.0.1:1/?token={mark("query")}"',
    "fragment of the URL": f'URL "http://127.0.0.1:1/#{mark("fragment")}"',
    "URL with a blank": f'URL "http://u:{PASSWORD}@127.0.0.1:1/ x"',
    "URL of another scheme": f'URL "ftp://monitor:{PASSWORD}@127.0.0.1:1"',
    "URL without scheme": f'URL "monitor:{PASSWORD}@127.0.0.1"',
    "two URLs": f'URL "http://127.0.0.1:1/?a={mark("first")}" "{mark("second")}"',
    "password without user": f'Password "{PASSWORD}"',
    "two passwords": f'User "u"\n    Password "{PASSWORD}" "{mark("second")}"',
    "password twice": f'User "u"\n    Password "{PASSWORD}"\n    Password "{mark("second")}"',
    "header without value": f'Header "{mark("header")}"',
    "header with a control character": f'Header "X-Key: {mark("header")}\x01"',
    "token in the place of its file": f'BearerTokenFile "{mark("token")}"',
    "misspelt password": f'User "u"\n    Pasword "{PASSWORD}"',
    "misspelt header": f'Headers "X-Key: {mark("header")}"',
    "header as an option": f'X-Api-Key "{mark("header")}"',
    "password as a block": f'<Password "{PASSWORD}">\n    </Password>',
    "password for a number": f'Timeout 5\n    Password {PASSWORD}',
    "login in the user": f'User "monitor:{PASSWORD}"',
    "URL with a login in the place of a path": f'UnixSocket "http://u:{PASSWORD}@127.0.0.1:1"',
    "URL with a login in the place of a log": f'LogFile "http://u:{PASSWORD}@127.0.0.1:1"',
    "URL with a login in the place of a host": f'Host "http://u:{PASSWORD}@127.0.0.1:1"',
    "header without name": f'Header "{mark("one")} : {mark("two")}"',
}


WRONG_WEBHOOKS = {
    "userinfo in the URL": f'URL "https://monitor:{PASSWORD}@127.0.0.1:1/x"',
    "secret path": f'URL "htps://127.0.0.1:1/services/{mark("path")}?sig={mark("query")}"',
    "fragment of the URL": f'URL "https://127.0.0.1:1/{mark("path")}#{mark("fragment")}"',
    "two URLs": f'URL "https://127.0.0.1:1/{mark("path")}" "{mark("second")}"',
    "misspelt URL": f'Url2 "https://127.0.0.1:1/{mark("path")}"',
    "URL in the place of the format": f'URL "https://127.0.0.1:1/{mark("path")}"\n    Format true',
    "token in the place of its file": f'URL "https://127.0.0.1:1/"\n    BearerTokenFile "{mark("token")}"',
    "header with a line end": f'URL "https://127.0.0.1:1/"\n    Header "X: {mark("header")}\x01"',
    "password without user": f'URL "https://127.0.0.1:1/"\n    Password "{PASSWORD}"',
    "missing key of a certificate": f'URL "https://127.0.0.1:1/{mark("path")}"\n    ClientKey "/nonexistent"',
}


def assert_nothing_told(collectd, config, plugin, place):
    daemon = collectd(config, plugins=[plugin], recorder=False)
    assert daemon.read_once() == 1 and daemon.lines(place), daemon.told()
    assert lines_with_marks(daemon.folder) == []


@pytest.mark.parametrize("case", WRONG)
def test_no_secret_of_a_wrong_configuration_is_written(collectd, case):
    assert_nothing_told(collectd, hubs_block(f"  <Hub prod>\n    {WRONG[case]}\n  </Hub>"), "mcp_hub", r"<Hub \"?prod")


@pytest.mark.parametrize("case", WRONG_WEBHOOKS)
def test_no_secret_of_a_wrong_webhook_is_written(collectd, case):
    block = alerts_block(DEPLOYED_RULES).replace(
        "</Plugin>", f"  <Webhook ops>\n    {WRONG_WEBHOOKS[case]}\n  </Webhook>\n</Plugin>")
    assert_nothing_told(collectd, block, "mcp_hub_alerts", r"<Webhook \"?ops")


@pytest.mark.parametrize("block", ["Hub", "Webhook"])
def test_no_secret_of_a_name_that_is_a_url_is_written(collectd, block):
    plugin = "mcp_hub" if block == "Hub" else "mcp_hub_alerts"
    config = f'<Plugin {plugin}>\n  <{block} "https://u:{PASSWORD}@127.0.0.1/?{mark("query")}">\n  </{block}>\n</Plugin>'
    assert_nothing_told(collectd, config, plugin, f"<{block} ")
