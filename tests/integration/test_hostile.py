# SPDX-License-Identifier: MIT
"""Names that attack whoever shows them: of servers, hubs and hosts, through everything that carries them to people.

A hub is not trusted by whoever looks at its values: no name may leave the place that was meant for it, be it a folder,
a line, a header, a table, a terminal or a page.
"""
import getpass
import grp
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from background import free_port
from daemon import BUILD, HOST, SANITIZERS, STOCK_PLUGINS, Collectd, coming_minute, hub_block, hubs_block, quote
from receiver import Receiver
from samples import configuration
from stores import NAMES, example, lacking, series_of
from test_ctl import Terminal, assert_harmless
from test_graphite import Carbon, path
from test_influxdb import Influxd, place
from test_prometheus import Prometheus, metric

EVIL = [*NAMES, ".", "", "\r\nSeverity: OKAY\r\n\r\nall is well", "]8;;http://evil\a", "&lt;img src=x&gt;", "|---|", "# top", "~~~",
        "http://evil.example", "www.evil.example", "mail@evil.example", "&#60;b&#62;", "<!channel>", "*b*", "_i_", "\\", "%n%n",
        "\U0001f600" * 40, "\u2028line", "\u200f\u061cmarks", "a\u0308" * 100,
        '","evil":"', "${jndi:ldap://evil}", "{{7*7}}", "=cmd|' /C calc'!A0", "\x9d0;title\x9c", "\x1b]0;owned\x07"]
HUB = '"<b>[x](evil)" | # ${x} @here \\'
RULES = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "server_down", "for": "0s"}, {"name": "all_servers_down", "enabled": False},
    {"name": "up", "metric": "*/mcp_hub-*/mcp_server_state-*", "op": ">=", "warning": 4}]}
HEADERS = {"Severity", "Time", "Host", "Plugin", "PluginInstance", "Type", "TypeInstance", "value", "threshold", "since",
           "rule", "level", "status", "runbook", "alerts"}

MAX_SERVERS = 200  # the default
SLOW = 60  # seconds for megabytes


class Scene:
    """All that is told and stored of a hub whose servers have these names and are all down."""

    def __init__(self, sim, folder, public):
        self.folder, self.rrd, self.reports = folder, folder / "rrd", folder / "reports"
        self.reports.mkdir()
        self.out = public / "out"
        self.out.mkdir()
        self.out.chmod(0o777)
        script = public / "script"
        script.write_text(f"#!/bin/sh\ncat >{self.out}/$$\nmv {self.out}/$$ {self.out}/$$.done\n")
        script.chmod(0o755)
        user = "nobody" if os.geteuid() == 0 else getpass.getuser()
        rules = folder / "alerts.json"
        rules.write_text(json.dumps(RULES))
        self.hub = sim.hub("evil", servers=[f"server{i}" for i in range(len(EVIL))])
        for server, name in zip(self.hub.servers.values(), EVIL):
            server.set(name=name, status="disconnected", error=name, display_name=name)
        self.receivers = {format: Receiver() for format in ("json", "slack", "alertmanager")}
        hooks = "".join(f"  <Webhook {format}>\n    URL {quote(receiver.url)}\n    Format {format}\n  </Webhook>\n"
                        for format, receiver in self.receivers.items())
        minute, zone = coming_minute(40 if SANITIZERS else 30)
        self.daemon = Collectd(folder / "collectd", "\n".join([
            hubs_block(hub_block(HUB, self.hub.url)), "<Plugin mcp_hub_alerts>", f"  Rules {quote(rules)}",
            f"  StateFile {quote(folder / 'state')}", f'  DailySummary "{minute}"', f"  ReportDir {quote(self.reports)}",
            hooks, "</Plugin>",
            configuration("rrdtool.conf", {
                "/var/lib/collectd/rrd": self.rrd, "CacheTimeout 300": "CacheTimeout 0",
                "/run/collectd-unixsock": folder / "collectd" / "socket", "www-data": grp.getgrgid(os.getgid()).gr_name}),
            configuration("exec.conf", {'"nobody"': f'"{user}"', "/usr/local/bin/mcp-hub-notify": script})]),
            environment=zone, interval=1, speed=5)  # rrdtool takes no less than a second
        self.names = set()

    def told(self):
        """What exec was given."""
        return [path.read_bytes() for path in self.out.glob("*.done")]

    def wait(self):
        self.daemon.wait_reads(2, HUB)
        self.names = {name.split("-", 1)[1] for name in self.daemon.complete(HUB)[0].values
                      if name.startswith("mcp_server_state-")}
        self.daemon.wait_until(lambda: list(self.reports.glob("*.md")), "the report")
        self.daemon.wait_until(lambda: len(list(self.rrd.glob("*/*/mcp_server_state-*"))) >= len(self.names), "RRD files")
        self.daemon.wait_until(lambda: len(self.told()) >= len(self.daemon.notified()), "notices by exec")
        for receiver in self.receivers.values():
            receiver.wait_delivered(1)

    def ctl(self, *args):
        ran = subprocess.run([BUILD / "mcphubctl", "-s", self.daemon.socket, "-S", self.folder / "status.json", *args],
                             env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, stdin=subprocess.DEVNULL)
        assert ran.returncode < 3 and not ran.stderr, ran
        return ran.stdout.decode()


@pytest.fixture(scope="module")
def scene(sim, tmp_path_factory):
    with tempfile.TemporaryDirectory(prefix="mcp-hub-") as public:
        os.chmod(public, 0o755)
        made = Scene(sim, tmp_path_factory.mktemp("hostile"), Path(public))
        with made.daemon:
            made.wait()
            yield made
        for receiver in made.receivers.values():
            receiver.__exit__()


def is_harmless(text):
    return all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in text)


def test_every_name_is_a_name_of_its_own(scene):
    assert len(scene.names) == len(EVIL)
    assert [name for name in scene.names if not is_harmless(name) or "/" in name or len(name.encode()) > 127] == []


def test_rrdtool_keeps_its_files_in_their_folder(scene):
    files = {path.relative_to(scene.rrd) for path in scene.rrd.rglob("*") if path.is_file()}
    assert {len(path.parts) for path in files} == {3}
    assert {path.parts[0] for path in files} == {HOST}
    of_hub = {path.name for path in files if path.parts[1] == f"mcp_hub-{HUB}"}
    assert {f"mcp_server_state-{name}.rrd" for name in scene.names} <= of_hub
    assert {path.name for path in scene.folder.iterdir()} - {"state.new", "status.json.new"} == {
        "alerts.json", "collectd", "reports", "rrd", "state", "status.json"}
    for name in scene.names:
        info = subprocess.run(["rrdtool", "info", scene.rrd / HOST / f"mcp_hub-{HUB}" / f"mcp_server_state-{name}.rrd"],
                              capture_output=True)
        assert info.returncode == 0, info.stderr


def test_collectds_log_has_lines_of_the_logger_only(scene):
    lines = (scene.daemon.folder / "log").read_text().split("\n")[:-1]
    assert [line for line in lines if not re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[\w+\] ", line)] == []
    assert [line for line in lines if not is_harmless(line)] == []


def test_notices_by_exec_have_our_headers_once_each_and_one_line(scene):
    for told in scene.told():
        headers, message = told.decode().split("\n\n", 1)
        keys = [line.split(": ", 1)[0] for line in headers.split("\n")]
        assert len(keys) == len(set(keys)) and set(keys) <= HEADERS, told
        assert message.endswith("\n") and is_harmless(message[:-1]) and all(map(is_harmless, headers.split("\n")))
        assert len(message.encode()) <= 256


def test_webhooks_are_json_with_our_keys_and_without_markup(scene):
    for post in scene.receivers["json"].posts:
        assert post.json.keys() <= {
            "version", "status", "rule", "level", "previous", "host", "plugin", "plugin_instance", "type", "type_instance",
            "ds", "runbook", "value", "threshold", "message", "since", "time", "alerts"}
    for post in scene.receivers["slack"].posts:
        shown = json.dumps(post.json, ensure_ascii=False)
        assert not re.search(r"<(?!/)[^>]*>", shown), shown
        assert post.json["mrkdwn"] is False
    labels = [alert["labels"] for post in scene.receivers["alertmanager"].posts for alert in post.json]
    assert {label["hub"] if "hub" in label else label["plugin_instance"] for label in labels} == {HUB}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))


def html(markdown):
    return subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist",
                           "-e", "footnotes"], input=markdown.encode(), capture_output=True, check=True).stdout.decode()


def assert_plain(markdown):
    """Headings, lists and tables of ours, and nothing that a name brought with it."""
    made = Page(html(markdown))
    # "@" stands in code: nothing else keeps a name from being an address of mail
    assert {tag for tag, _ in made.tags} <= {"h1", "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
                                             "code"}
    assert [attrs for _, attrs in made.tags if attrs] == []
    headings = [tag for tag, _ in made.tags if tag in ("h1", "h2", "h3")]
    assert headings == ["h1", "h2", *["h3"] * (len(headings) - 2)]
    rows = re.findall(r"<tr>.*?</tr>", html(markdown), re.DOTALL)
    assert {len(re.findall("<t[hd]", row)) for row in rows} <= {5, 7}


def test_the_report_is_a_page_without_links_pictures_or_headings_of_a_hub(scene):
    report, = scene.reports.glob("*.md")
    assert_plain(report.read_text())
    assert "server\\_down" in report.read_text()
    assert_plain(scene.ctl("summary"))


def test_status_json_is_json_of_every_name(scene):
    status = json.loads((scene.folder / "status.json").read_text())
    assert {alert["type_instance"] for alert in status["alerts"] if alert["rule"] == "server_down"} == scene.names
    assert_harmless(json.dumps(status, ensure_ascii=False))


def test_mcphubctl_shows_no_name_that_moves_the_cursor(scene, tmp_path):
    for command in ("status", "check", "summary"):
        assert_harmless(scene.ctl(command))
        assert_harmless(scene.ctl("--json", command))
        json.loads(scene.ctl("--json", command))
    command = [BUILD / "mcphubctl", "-s", scene.daemon.socket, "-S", scene.folder / "status.json", "watch", "-n", "0.2"]
    with Terminal(tmp_path, *command, width=100, height=100) as terminal:
        screen = terminal.wait(lambda seen: any(line.startswith("Hub ") for line in seen))
        assert sum(line.startswith("Hub ") for line in screen) == 1
        assert "owned" not in terminal.run("display-message", "-p", "#{pane_title}")


# ten thousand of them, and every writer

def file_of(series):
    """As csv and rrdtool call it, without what it ends with."""
    parts = ((series.plugin, series.plugin_instance), (series.type, series.type_instance))
    return series.host, *("-".join(filter(None, part)) for part in parts)


def files_in(folder):
    """{file_of(series): [(time of the last value, None)]}"""
    return {(*file.parent.relative_to(folder).parts, re.sub(r"(\.rrd|-\d{4}-\d\d-\d\d)$", "", file.name)):
            [(file.stat().st_mtime, None)] for file in folder.glob("*/mcp_hub*/**/*") if file.is_file()}


@pytest.mark.deep
def test_every_writer_gets_few_of_ten_thousand_hostile_servers_and_all_of_a_hub_beside(sim, tmp_path):
    names = [*EVIL, *(f"\U0010fffd{EVIL[i % len(EVIL)]}{i}" for i in range(10_000 - len(EVIL)))]
    hubs = {"huge": sim.hub("huge", servers=names, tools=0), "beside": sim.hub("beside")}
    csv, rrd = tmp_path / "csv", tmp_path / "rrd"
    carbon_port, influx_port, scraped_port = free_port(), free_port(socket.SOCK_DGRAM), free_port()
    config = "\n".join([
        hubs_block(*(hub_block(name, hub.url, Interval=SLOW) for name, hub in hubs.items())),
        f'PluginDir "{STOCK_PLUGINS}"\nLoadPlugin csv\n<Plugin csv>\n  DataDir {quote(csv)}\n</Plugin>',
        configuration("rrdtool.conf", {
            "/var/lib/collectd/rrd": rrd, "CacheTimeout 300": "CacheTimeout 0",
            "/run/collectd-unixsock": tmp_path / "collectd" / "socket", "www-data": grp.getgrgid(os.getgid()).gr_name}),
        *(example(*writer) for writer in (("graphite", {"2003": carbon_port}), ("influxdb", {"25826": influx_port}),
                                          ("prometheus", {"9103": scraped_port})))])
    with (Carbon(tmp_path / "carbon", carbon_port) as carbon, Influxd(tmp_path / "influxdb", influx_port) as influxd,
          Prometheus(tmp_path / "prometheus", scraped_port) as prometheus,
          Collectd(tmp_path / "collectd", config, plugins=["mcp_hub"], interval=1, whole_stacks=False, speed=SLOW / 2) as collectd):
        stores = {"csv": (file_of, lambda: files_in(csv)), "rrdtool": (file_of, lambda: files_in(rrd)),
                  "write_graphite": (path, carbon.points), "network": (place, influxd.points),
                  "write_prometheus": (metric, prometheus.points)}
        collectd.wait_reads_of(hubs)
        read = collectd.wait_until(lambda: next((r.values for r in collectd.complete("huge")
                                                 if "mcp_servers-total" in r.values), None), "all of the huge hub in time")
        since = time.time()
        assert read["mcp_servers-total"] == 10_000
        assert len([name for name in read if name.startswith("mcp_server_state-")]) == MAX_SERVERS
        dispatched = series_of({key: seen for key, seen in list(collectd.series.items()) if key[1].startswith("mcp_hub")})
        for writer, (called, points) in stores.items():
            wanted = {called(series) for series in dispatched}

            def arrived():
                collectd.ask(f"FLUSH plugin={writer}")
                return not lacking(wanted, points(), since)
            collectd.wait_until(arrived, f"all of both hubs by {writer}")
            assert points().keys() == wanted, writer
        said, = collectd.lines("mcp_hub: ")
        assert 'hub "huge"' in said and "MaxServers" in said
