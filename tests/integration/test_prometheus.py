# SPDX-License-Identifier: MIT
"""Prometheus scrapes write_prometheus, with the shipped configuration: every value is there under its name."""
import json
import re
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

import dashboards
from daemon import HOST, TIMEOUT
from background import Program, free_port
from stores import HUBS, ODD_HUB, Scene, differences, lacking, series_of

OURS = '{__name__=~"collectd_mcp_hub_.*"}'
SCRAPE = """
scrape_configs:
  - job_name: collectd
    scrape_interval: 500ms
    honor_labels: true
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def metric(series):
    """As README says: name and labels."""
    name = "_".join(["collectd", series.plugin, series.type, *[series.source] * (series.source != "value"),
                     *["total"] * series.counter])
    instances = [i for i in (series.plugin_instance, series.type_instance) if i]
    return name, frozenset({("instance", series.host), *zip((series.plugin, "type") if series.plugin_instance else
                                                            (series.plugin,), instances)})


class Prometheus(Program):
    def __init__(self, folder, scraped):
        folder.mkdir()
        (folder / "prometheus.yml").write_text(SCRAPE % scraped)
        port = free_port()
        super().__init__(folder, ["prometheus", f"--config.file={folder}/prometheus.yml",
                                  f"--storage.tsdb.path={folder}", f"--web.listen-address=127.0.0.1:{port}"])
        self.url = f"http://127.0.0.1:{port}"
        self.wait(lambda: b"Server is ready to receive web requests" in self.log.read_bytes(), "ready")

    def ask(self, what, **parameters):
        url = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            return json.load(answer)["data"]

    def points(self):
        """{(name, labels): [(time, value), ...]} of the last five minutes."""
        return {(s["metric"].pop("__name__"), frozenset(s["metric"].items() - {("job", "collectd")})):
                [(time, float(value)) for time, value in s["values"]]
                for s in self.ask("query", query=OURS + "[5m]")["result"]}

    def shown(self, query):
        """What Grafana draws of a query: {legend: values}."""
        now = time.time()
        result = self.ask("query_range", query=query.replace("$__rate_interval", "10s"), start=now - 10, end=now, step=1)
        return {json.dumps(s["metric"], sort_keys=True): [float(value) for _, value in s["values"]]
                for s in result["result"]}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The scene, and a Prometheus that scraped it after all counters have moved."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    with Scene(folder, "prometheus", {"9103": port}) as scene, Prometheus(folder / "server", port) as server:
        scene.url = f"http://127.0.0.1:{port}/metrics"
        moved = scene.move()

        def scraped():
            before_last = {name: points[:-1] for name, points in server.points().items()}  # a rate takes two
            return not lacking(map(metric, series_of(scene.dispatched)), before_last, moved)
        server.wait(scraped, "two scrapes of all values after the last change")
        yield scene, server


def test_every_value_is_in_prometheus_under_its_name(stored):
    scene, server = stored
    points = server.points()
    wanted = {metric(series): points for series, points in series_of(scene.dispatched).items()}
    assert differences(wanted, points, tolerance=0.002) == []
    assert len(wanted) > 300 and ("collectd_mcp_hub_mcp_hub_state", frozenset(
        {("instance", "testhost"), ("mcp_hub", ODD_HUB)})) in wanted


def test_promtool_finds_no_error_in_the_format(stored):
    scene, _ = stored
    with urllib.request.urlopen(scene.url, timeout=TIMEOUT) as answer:
        text = answer.read()
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    # What it has to say of names is of collectd's types "gauge" and "count"; there is no error.
    assert sorted(checked.stderr.decode().splitlines()) == [
        "collectd_mcp_hub_alerts_gauge metric name should not include type 'gauge'",
        'collectd_mcp_hub_count non-histogram and non-summary metrics should not have "_count" suffix']
    assert b"collectd_mcp_hub_bool{" in text


def test_every_query_of_the_dashboards_gives_a_line_for_each_value(stored):
    scene, server = stored
    assert dashboards.wrong("prometheus", server.shown, scene.dispatched, {hub: hub for hub in HUBS}) == []


def test_every_hub_and_server_can_be_chosen_unless_a_backtick_is_in_its_name(stored):
    scene, server = stored

    def choices(name):
        listed, _ = dashboards.variable("prometheus", "server", name)
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)",
                                       dashboards.filled(listed, host=HOST, hub="prod")).groups()
        return {series[label] for series in server.ask("series", **{"match[]": selector})}
    assert choices("host") == {HOST}
    assert choices("hub") == set(HUBS)
    names = choices("server")
    state = dict(dashboards.queries("prometheus", "server"))["State"]
    assert names == scene.states("prod").keys()
    names.remove("`tick`")  # a backtick ends the string of a query: README says so
    shown = {name: server.shown(dashboards.filled(state, host=HOST, hub="prod", server=name)) for name in names}
    assert {name: values[-1] for name, found in shown.items() for values in found.values()} == {
        name: state for name, state in scene.states("prod").items() if name in names}
