# SPDX-License-Identifier: MIT
"""A carbon-cache gets write_graphite's lines, with the shipped configuration: every value is there under its name."""
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest
import whisper

import dashboards
from daemon import HOST, TIMEOUT
from background import Program, free_port
from stores import HUBS, Scene, differences, lacking, rates, series_of

CARBON = """[cache]
STORAGE_DIR = {folder}
LOCAL_DATA_DIR = {folder}/whisper
CONF_DIR = {folder}
LOG_DIR = {folder}
PID_DIR = {folder}
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {port}
PICKLE_RECEIVER_PORT = 0
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
ENABLE_TAGS = False
"""
WEB = """
SECRET_KEY = "test"
ALLOWED_HOSTS = ["*"]
CONF_DIR = STORAGE_DIR = LOG_DIR = "{folder}"
STATIC_ROOT = INDEX_FILE = "{folder}/none"
WHISPER_DIR = "{folder}/whisper"
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = []
LOG_FILE_INFO = LOG_FILE_EXCEPTION = LOG_FILE_CACHE = LOG_FILE_RENDERING = "-"
UTF8_METRICS = True
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
"""
# The name of a word of Unicode's letters, which only messages show, takes pyparsing 3.1 half a minute.
SERVE = """
import pyparsing
pyparsing.Word._generateDefaultName = lambda self: "word"
from wsgiref.simple_server import make_server
from graphite.wsgi import application
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
make_server("127.0.0.1", {port}, application).serve_forever()
"""
UNASKED = r"['{}*?\[\]]"
ODD_PATH = "odd__hüb___1"
SCHEMAS = "[all]\npattern = .*\nretentions = 1s:10m\n"



def part(name):
    return re.sub(r'[.\s:"\\!,/()]', "_", name)


def path(series):
    """As README says."""
    def joined(name, instance):
        return part(f"{name}-{instance}" if instance else name)
    return ".".join(["collectd", part(series.host), joined(series.plugin, series.plugin_instance),
                     joined(series.type, series.type_instance), *[series.source] * (series.source != "value")])


class Carbon(Program):
    def __init__(self, folder, port):
        folder.mkdir()
        self.query = free_port()
        (folder / "carbon.conf").write_text(CARBON.format(folder=folder, port=port, query=self.query))
        (folder / "storage-schemas.conf").write_text(SCHEMAS)
        super().__init__(folder, ["carbon-cache", f"--config={folder}/carbon.conf", "--nodaemon",
                                  f"--pidfile={folder}/pid", "start"])
        self.whisper = folder / "whisper"
        self.wait(lambda: b"CacheManagementHandler starting on" in self.log.read_bytes() or
                  b"starting on %d" % self.query in self.log.read_bytes(), "ready")

    def files(self):
        """{path: file}"""
        return {".".join(file.relative_to(self.whisper).with_suffix("").parts): file
                for file in self.whisper.glob("collectd/*/mcp_hub*/**/*.wsp")}

    def points(self):
        """{path: [(time, value), ...]}"""
        found = {}
        for name, file in self.files().items():
            (start, end, step), values = whisper.fetch(str(file), 0)
            found[name] = [(at, value) for at, value in zip(range(start, end, step), values) if value is not None]
        return found


class GraphiteWeb(Program):
    """Answers Grafana's questions about the files of a Carbon."""

    def __init__(self, folder, carbon):
        folder.mkdir()
        (folder / "test_settings.py").write_text(WEB.format(folder=carbon.folder))
        port = free_port()
        super().__init__(folder, [sys.executable, "-B", "-c", SERVE.format(port=port)],
                         {**os.environ, "PYTHONPATH": str(folder), "GRAPHITE_SETTINGS_MODULE": "test_settings"})
        self.url = f"http://127.0.0.1:{port}"
        self.wait(self.answers, "graphite-web")

    def answers(self):
        try:
            return self.ask("metrics/find", query="*")
        except OSError:
            return None

    def ask(self, what, **parameters):
        url = f"{self.url}/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            return json.load(answer)

    def shown(self, query):
        """What Grafana draws of a query: {legend: values}."""
        result = self.ask("render", target=query, format="json", **{"from": "-2min"})
        return {s["target"]: [value for value, _ in s["datapoints"] if value is not None] for s in result}


@pytest.fixture(scope="module")
def web(stored, tmp_path_factory):
    _, server = stored
    with GraphiteWeb(tmp_path_factory.mktemp("graphite") / "web", server) as made:
        yield made


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The scene, and a carbon-cache that wrote all values after all counters have moved."""
    folder, port = tmp_path_factory.mktemp("graphite"), free_port()
    with Carbon(folder / "server", port) as server, Scene(folder, "graphite", {"2003": port}) as scene:
        moved = scene.move()

        def arrived():
            scene.collectd.ask('FLUSH plugin="write_graphite"')
            return not lacking(map(path, series_of(scene.dispatched)), server.points(), moved)
        server.wait(arrived, "all values after the last change")
        yield scene, server


def test_every_value_is_in_graphite_under_its_name(stored):
    scene, server = stored
    points = server.points()
    wanted = {path(series): rates(points) if series.counter else points
              for series, points in series_of(scene.dispatched).items()}
    assert differences(wanted, points, tolerance=1) == []
    assert len(wanted) > 300 and f"collectd.testhost.mcp_hub-{ODD_PATH}.mcp_hub_state" in wanted


def test_whisper_fetch_prints_what_was_dispatched(stored):
    scene, server = stored
    file = server.files()["collectd.testhost.mcp_hub-prod.queue_length-llm"]
    printed = json.loads(subprocess.check_output(["whisper-fetch", "--json", file]))
    assert set(printed["values"]) == {None, 60}


def test_every_query_of_the_dashboards_gives_a_line_for_each_value(stored, web):
    scene, _ = stored
    assert dashboards.wrong("graphite", web.shown, scene.dispatched, {hub: part(hub) for hub in HUBS}) == []


def test_hosts_hubs_and_servers_can_be_chosen(stored, web):
    scene, _ = stored

    def choices(name, asked, **chosen):
        query, pattern = dashboards.variable("graphite", "server", name)
        found = web.ask(asked, query=re.sub(r"^expand\((.*)\)$", r"\1", dashboards.filled(query, host=HOST, **chosen)))
        return {re.match(pattern, text)[1] for text in
                (found["results"] if asked == "metrics/expand" else [node["text"] for node in found])}
    assert choices("host", "metrics/expand") == {HOST}
    assert choices("hub", "metrics/find") == {part(hub) for hub in HUBS}
    assert choices("server", "metrics/find", hub="prod") == {part(name) for name in scene.states("prod")}


def test_servers_can_be_chosen_but_for_some_characters_in_their_names(stored, web):
    """What graphite-web's language has for itself, or does not take: README names them."""
    scene, _ = stored
    state = dict(dashboards.queries("graphite", "server"))["State"]
    states = {part(name): value for name, value in scene.states("prod").items()}
    shown = {}
    for name in states:
        values = web.shown(dashboards.filled(state, host=HOST, hub="prod", server=name))
        if values:
            shown[name] = values["state"][-1]
    assert shown == {name: state for name, state in states.items() if not re.search(UNASKED, name)}
