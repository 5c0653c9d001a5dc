# SPDX-License-Identifier: MIT
"""InfluxDB listens to collectd's network plugin, with the shipped configuration: every value is there by its name."""
import json
import shutil
import socket
import urllib.parse
import urllib.request

import pytest

import dashboards
from daemon import HOST, OUR_TYPES, STOCK_TYPES, TIMEOUT
from background import Program, free_port
from stores import HUBS, ODD_HUB, Scene, differences, example, lacking, series_of

TAGS = ("host", "instance", "type", "type_instance")
CONFIG = """
bind-address = "127.0.0.1:0"
reporting-disabled = true
[meta]
  dir = "meta"
[data]
  dir = "data"
  wal-dir = "wal"
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[[collectd]]
  enabled = true
  bind-address = "127.0.0.1:{collectd}"
  database = "collectd"
  typesdb = "types"
  security-level = "none"
  parse-multivalue-plugin = "split"
  batch-size = 1
  batch-timeout = "100ms"
"""


def place(series):
    """As README says: measurement and tags."""
    tags = (series.host, series.plugin_instance, series.type, series.type_instance)
    return f"{series.plugin}_{series.source}", frozenset((key, value) for key, value in zip(TAGS, tags) if value)


class Influxd(Program):
    def __init__(self, folder, collectd):
        (folder / "types").mkdir(parents=True)
        for types in (STOCK_TYPES, OUR_TYPES):
            shutil.copy(types, folder / "types")
        port = free_port()
        (folder / "influxdb.conf").write_text(CONFIG.format(port=port, collectd=collectd))
        super().__init__(folder, ["influxd", "-config", folder / "influxdb.conf"])
        self.url = f"http://127.0.0.1:{port}"
        self.wait(lambda: b"Listening for signals" in self.log.read_bytes(), "ready")

    def ask(self, query):
        """The series of one statement."""
        url = f"{self.url}/query?{urllib.parse.urlencode({'db': 'collectd', 'epoch': 'ms', 'q': query})}"
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            result = json.load(answer)["results"][0]
        assert "error" not in result, f"{query}: {result['error']}"
        return result.get("series", [])

    def points(self):
        """{(measurement, tags): [(time, value), ...]}"""
        return {(s["name"], frozenset((key, value) for key, value in s["tags"].items() if value)):
                [(at / 1000, value) for at, value in s["values"]]
                for s in self.ask("SELECT value FROM /^mcp_hub/ GROUP BY *")}

    def shown(self, query):
        """What Grafana draws of a query: {legend: values}."""
        query = query.replace("$timeFilter", "time > now() - 2m AND time < now()").replace("$__interval", "1s")
        return {json.dumps(s.get("tags", {})): [value for _, value in s["values"] if value is not None]
                for s in self.ask(query)}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The scene, and an influxd that got all values after all counters have moved."""
    folder, port = tmp_path_factory.mktemp("influxdb"), free_port(socket.SOCK_DGRAM)
    with Influxd(folder / "server", port) as server, Scene(folder, "influxdb", {"25826": port}) as scene:
        moved = scene.move()

        def arrived():
            scene.collectd.ask('FLUSH plugin="network"')
            return not lacking(map(place, series_of(scene.dispatched)), server.points(), moved)
        server.wait(arrived, "all values after the last change")
        yield scene, server


def test_every_value_is_in_influxdb_under_its_name(stored):
    scene, server = stored
    points = server.points()
    wanted = {place(series): points for series, points in series_of(scene.dispatched).items()}
    assert differences(wanted, points, tolerance=0.002) == []
    assert len(wanted) > 300 and ("mcp_hub_value", frozenset(
        {("host", "testhost"), ("instance", ODD_HUB), ("type", "mcp_hub_state")})) in wanted


def test_the_listener_of_the_test_is_the_one_that_the_example_shows():
    shown = [line.lstrip("# ").strip() for line in example("influxdb", {}).splitlines() if line.startswith("#   ")]
    for line in shown:
        key = line.split(" = ")[0]
        assert line in CONFIG or key in ("bind-address", "typesdb") and f"  {key} = " in CONFIG, line


def test_every_query_of_the_dashboards_gives_a_line_for_each_value(stored):
    scene, server = stored
    assert dashboards.wrong("influxdb", server.shown, scene.dispatched, {hub: hub for hub in HUBS}) == []


def test_every_hub_and_server_can_be_chosen_whatever_it_is_called(stored):
    scene, server = stored

    def choices(name):
        listed, _ = dashboards.variable("influxdb", "server", name)
        return {value for s in server.ask(dashboards.filled(listed, host=HOST, hub="prod")) for _, value in s["values"]}
    assert choices("host") == {HOST}
    assert choices("hub") == set(HUBS)
    names = choices("server")
    state = dict(dashboards.queries("influxdb", "server"))["State"]
    shown = {name: server.shown(dashboards.filled(state, host=HOST, hub="prod", server=name)) for name in names}
    assert {name: values[-1] for name, found in shown.items() for values in found.values()} == scene.states("prod")
