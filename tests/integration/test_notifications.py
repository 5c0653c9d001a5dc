# SPDX-License-Identifier: MIT
"""What arrives where notices are sent on: exec, mail, Nagios, write_http, and what collectd-nagios says."""
import getpass
import json
import os
import socketserver
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from daemon import HOST, SANITIZERS, STOCK_PLUGINS, TIMEOUT, Collectd, alerts_block, hub_block, hubs_block, quote
from documents import block, shape
from receiver import Receiver
from samples import EXAMPLES, configuration, sample

RUNBOOK = "https://wiki.example/clients"
RULES = {"settings": {"group_wait": "0s"}, "warning": {"active_clients": 5}, "critical": {"active_clients": 10},
         "rules": [{"name": "active_clients", "runbook": RUNBOOK}]}
IDENTITY = "mcp_hub-prod/current_connections-mcp"


@pytest.fixture
def public():
    """A folder that the user of exec may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="mcp-hub-") as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.fixture
def hub(sim):
    return sim.hub("prod")


@pytest.fixture
def start(hub, tmp_path):
    """start(config, ...): a daemon that has found all well."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps(RULES))
    made = []

    def started(*config, **options):
        made.append(Collectd(tmp_path / "collectd", "\n".join(
            (hubs_block(hub_block("prod", hub.url)), alerts_block(rules), *config)), **options).start())
        made[0].wait_reads(1, "prod")
        return made[0]
    yield started
    try:
        for daemon in made:
            daemon.stop()
    finally:
        for daemon in made:
            daemon.kill()


def wait_files(daemon, folder, count):
    """What `count` files hold, in the order of their names; each is renamed into place when it is whole."""
    return daemon.wait_until(lambda: len(list(folder.glob("*.done"))) >= count and
                             [path.read_text() for path in sorted(folder.glob("*.done"))], f"{count} files in {folder}")


def program(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_exec_hands_over_all_meta_data_as_headers(start, hub, public):
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    out = public / "out"
    out.mkdir()
    out.chmod(0o777)
    script = program(public / "script", f'id -un >{out}/$$; cat >>{out}/$$; mv {out}/$$ {out}/$$.done\n')
    daemon = start(configuration("exec.conf", {'"nobody"': f'"{user}"', "/usr/local/bin/mcp-hub-notify": script}))
    hub.clients = 6
    runs_as, rest = wait_files(daemon, out, 1)[0].split("\n", 1)
    headers, message = rest.split("\n\n", 1)
    given = dict(line.split(": ", 1) for line in headers.split("\n"))
    assert runs_as == user
    assert float(given.pop("Time")) > 0 and given.pop("since").isdigit()
    assert given == {"Severity": "WARNING", "Host": HOST, "Plugin": "mcp_hub", "PluginInstance": "prod",
                     "Type": "current_connections", "TypeInstance": "mcp", "value": "6.000000e+00",
                     "threshold": "5.000000e+00", "rule": "active_clients", "level": "warning", "status": "firing",
                     "runbook": RUNBOOK}
    assert "6" in message and "prod" in message
    assert shape(f"{headers}\n\n{message}") == shape(block("exec-headers"))


def test_notify_sh_writes_to_syslog_and_mails(start, hub, public):
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    out, bin_ = public / "out", public / "bin"
    out.mkdir()
    out.chmod(0o777)
    bin_.mkdir()
    for name in ("logger", "mail"):
        program(bin_ / name, f'{{ printf "%s|" {name} "$@"; [ {name} = logger ] || cat; }} >{out}/{name}$$; '
                             f'mv {out}/{name}$$ {out}/{name}$$.done\n')
    script = public / "notify.sh"
    script.write_bytes((EXAMPLES / "notify.sh").read_bytes())
    script.chmod(0o755)
    daemon = start(configuration("exec.conf", {'"nobody"': f'"{user}"', "/usr/local/bin/mcp-hub-notify": script}),
                   environment={"PATH": f"{bin_}:{os.environ['PATH']}"})
    hub.clients = 11
    logged, mailed = wait_files(daemon, out, 2)
    message = daemon.wait_notification(rule="active_clients")[0]["message"]
    assert logged == f"logger|-t|mcp-hub|-p|user.crit|--|FAILURE: {message}|"
    assert mailed == f"mail|-s|FAILURE on {HOST}: active_clients firing|ops@example.com|{message}\n\n{RUNBOOK}\n"


@pytest.mark.parametrize("start", ["~!touch stolen", "~r /etc/passwd", "."])
def test_notify_sh_hands_no_command_to_the_mail_program(tmp_path, start):
    for name, does in (("logger", ":"), ("mail", "cat >got")):
        program(tmp_path / name, f"{does}\n")
    notice = f"Severity: FAILURE\nHost: h\n\n{start}\nall\n{start}\n"
    subprocess.run([EXAMPLES / "notify.sh", "ops@example.com"], input=notice, text=True, check=True, cwd=tmp_path,
                   env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    lines = (tmp_path / "got").read_text().splitlines()
    assert f" {start}" in lines and "all" in lines
    assert [line for line in lines if line.startswith(("~", "."))] == []


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as one mail takes."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 localhost")
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb == "DATA":
                self.say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                with self.server.news:
                    self.server.mails.append(body.replace("\r\n", "\n"))
                    self.server.news.notify_all()
            self.say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return


@pytest.fixture
def mailbox():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.mails, server.news, server.daemon_threads = [], threading.Condition(), True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.skipif(SANITIZERS, reason="notify_email itself reads beyond libesmtp's buffer, which ends collectd here")
def test_notify_email_mails_the_message_without_meta_data(start, hub, mailbox):
    start(configuration("notify_email.conf", {'"localhost"': '"127.0.0.1"',
                                              "SMTPPort 25": f"SMTPPort {mailbox.server_address[1]}"}))
    hub.clients = 6
    with mailbox.news:
        assert mailbox.news.wait_for(lambda: mailbox.mails, TIMEOUT)
    head, body = mailbox.mails[0].split("\n\n", 1)
    assert f"Subject: WARNING on {HOST}" in head and "ops@example.com" in head
    assert "6, above 5" in body
    assert "active_clients" not in body and RUNBOOK not in body


def test_notify_nagios_writes_a_passive_check_of_the_value(start, hub, tmp_path):
    commands = tmp_path / "nagios.cmd"
    commands.touch()
    daemon = start(configuration("notify_nagios.conf", {"/var/lib/nagios4/rw/nagios.cmd": commands}))
    hub.clients = 6
    line, = daemon.wait_until(lambda: commands.read_text().splitlines(), "a command")
    hub.clients = 0
    _, resolved = daemon.wait_until(lambda: len(commands.read_text().splitlines()) == 2 and
                                    commands.read_text().splitlines(), "its end")
    kind, host, service, status, message = line.split("] ", 1)[1].split(";", 4)
    assert (kind, host, service, status) == ("PROCESS_SERVICE_CHECK_RESULT", HOST, IDENTITY, "1")
    assert "6, above 5" in message and "active_clients" not in line
    assert f"{IDENTITY};0;" in resolved


def test_write_http_posts_meta_data_as_annotations(start, hub):
    with Receiver() as receiver:
        start(configuration("write_http.conf", {"http://127.0.0.1:8080": receiver.url}))
        hub.clients = 6
        (notice,), = receiver.wait_delivered(1)
        hub.clients = 0
        (ended,), = receiver.wait_delivered(2)[1:]
    assert receiver.posts[0].path == "/notifications"
    assert notice["labels"] == {"alertname": "collectd_mcp_hub_current_connections", "instance": HOST,
                                "mcp_hub": "prod", "type": "mcp", "severity": "WARNING", "service": "collectd"}
    annotations = notice["annotations"]
    assert "6, above 5" in annotations.pop("summary") and annotations.pop("since").isdigit()
    assert annotations == {"value": "6", "threshold": "5", "rule": "active_clients", "level": "warning",
                           "status": "firing", "runbook": RUNBOOK}
    assert ended["labels"]["severity"] == "OKAY" and ended["annotations"]["status"] == "resolved"


def test_the_log_names_the_value_and_no_meta_data(start, hub):
    daemon = start()
    hub.clients = 6
    line, = daemon.wait_log("Notification: ")
    for part in ("severity = WARNING", f"host = {HOST}", "plugin = mcp_hub", "plugin_instance = prod", "6, above 5"):
        assert part in line
    assert "active_clients" not in line


def nagios_check(daemon, value, *limits):
    ran = subprocess.run(["collectd-nagios", "-s", daemon.socket, "-H", HOST, "-n", value, *limits],
                         capture_output=True, text=True, timeout=TIMEOUT)
    return ran.returncode, ran.stdout


def documented_checks():
    """(value, limits...) of the collectd-nagios lines that are shown."""
    return [line.split(" -n ", 1)[1].split() for line in block("nagios").splitlines()]


def test_collectd_nagios_as_it_is_shown(start, hub):
    daemon, checks = start(), documented_checks()
    assert len(checks) >= 3
    names = {check[0] for check in checks}
    for name in names:
        daemon.wait_value(name)
    assert [nagios_check(daemon, *check)[0] for check in checks] == [0] * len(checks)
    hub.stop()
    daemon.wait_notification(rule="hub_down", severity="FAILURE")
    daemon.wait_value("mcp_hub_alerts-prod/mcp_alerts-critical", lambda value: value == 1)
    down = {check[0]: nagios_check(daemon, *check)[0] for check in checks}
    assert down["mcp_hub-prod/bool-up"] == down["mcp_hub_alerts-prod/mcp_alerts-critical"] == 2
    assert down["mcp_hub_alerts-prod/health-score"] in (1, 2)


def test_the_health_log_is_json_of_hubs_only(hub, tmp_path):
    """logfile and write_log as in the sample; the tests' own logfile is the same plugin, so it is set twice. Rules over
    other plugins go on."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps({"rules": [{"name": "long_up", "metric": "*/uptime/uptime", "op": ">", "warning": 0}]}))
    status = tmp_path / "status.json"
    alerts = f'<Plugin mcp_hub_alerts>\n  Rules {quote(rules)}\n  StateFile {quote(tmp_path / "state")}\n</Plugin>\n'
    log = tmp_path / "hubs.log"
    config = sample("health_log.conf", **{"/var/log/collectd-hubs.log": log, 'Plugin "rrdtool"': 'Plugin "csv"'})
    writer = f'<Plugin csv>\n  DataDir "{tmp_path}/csv"\n</Plugin>\nPluginDir "{STOCK_PLUGINS}"\n'
    with Collectd(tmp_path / "collectd", hubs_block(hub_block("prod", hub.url)) + "\n" + alerts + writer + config,
                  stock=["uptime", "csv"], recorder=False) as daemon:
        daemon.wait_until(lambda: '"bool","type_instance":"up"' in (log.read_text() if log.exists() else ""), "bool-up")
        daemon.wait_until(lambda: list(tmp_path.glob("csv/*/uptime/*")), "the other writer's values")
        daemon.wait_until(lambda: status.exists() and '"long_up"' in status.read_text(), "the alert of another plugin")
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("[{")]
    values = [value for line in lines for value in line]
    assert {value["plugin"] for value in values} == {"mcp_hub", "mcp_hub_alerts"}
    up = next(value for value in values if (value["type"], value["type_instance"]) == ("bool", "up"))
    assert list(up) == list(json.loads(block("health-log"))[0])
    assert up["values"] == [1] and up["host"] == HOST and up["plugin_instance"] == "prod" and up["time"] > 0
