"""A carbon-cache gets write_graphite's lines, with the shipped configuration: every value is there under its name."""
import json
import re
import subprocess

import pytest
import whisper

from program import Program, free_port
from stores import Scene, differences, lacking, rates, series_of

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
SCHEMAS = "[all]\npattern = .*\nretentions = 1s:10m\n"



def path(series):
    """As README says."""
    def part(name):
        return re.sub(r'[.\s:"\\!,/()]', "_", name)

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
    assert len(wanted) > 300 and "collectd.testhost.mcp_hub-odd__hüb___1.mcp_hub_state" in wanted


def test_whisper_fetch_prints_what_was_dispatched(stored):
    scene, server = stored
    file = server.files()["collectd.testhost.mcp_hub-prod.queue_length-llm"]
    printed = json.loads(subprocess.check_output(["whisper-fetch", "--json", file]))
    assert set(printed["values"]) == {None, 60}
