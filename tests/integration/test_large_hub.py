# SPDX-License-Identifier: MIT
"""A real hub with 26 servers: 23 run, one cannot be started, two are switched off."""
import json
from pathlib import Path

import pytest

from daemon import Collectd, hub_block, hubs_block
from npmhub import NpmHub, server, values_of

KINDS = {"everything": 3, "filesystem": 10, "memory": 10}
RUNNING = [f"{kind}-{i}" for kind, number in KINDS.items() for i in range(number)]
PROCESSES = {"ps_rss-hub", "ps_cputime-hub", "percent-cpu", "percent-memory", "threads-hub", "file_handles-hub"}


@pytest.fixture(scope="module")
def hub(npm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    servers = {}
    for name in RUNNING:
        kind = name.split("-")[0]
        (folder / name).mkdir()
        servers[name] = server(f"server-{kind}", *["stdio"] * (kind == "everything"), folder / name)
    servers |= {"ghost": {"command": "/nonexistent/ghost", "args": []},
                **{name: {"command": "node", "args": ["off.js"], "disabled": True} for name in ("off", "out")}}
    with NpmHub(folder / "hub", servers) as made:
        yield made


@pytest.fixture(scope="module")
def reading(hub, tmp_path_factory):
    """What the hub said before, a read with all processes, and what the hub said after it."""
    block = hub_block("large", hub.url, Process="auto")
    with Collectd(tmp_path_factory.mktemp("reader") / "collectd", hubs_block(block),
                  plugins=["mcp_hub"], speed=5) as collectd:
        collectd.wait_value("mcp_hub-large/percent-cpu")
        before = hub.health()
        read = collectd.wait_reads(1, "large")[0]
        yield before, read, hub.health()


def processes_in(read):
    return {name for name in read if name.startswith("ps_")} | PROCESSES & read.keys()


def test_every_value_is_what_the_hub_says(reading):
    health, read, health_after = reading
    assert len(json.dumps(health)) > 250_000, "most of it tool schemas, as in the wild"
    before, after = values_of(health), values_of(health_after)
    said = {name: value for name, value in read.items() if name not in processes_in(read)}
    assert 0 < said.pop("response_time-health") < 60
    assert said.keys() == before.keys()
    uptimes = {name for name in before if name.startswith("uptime-")}
    assert {name: (before[name], said[name], after[name]) for name in uptimes
            if not before[name] <= said[name] <= after[name]} == {}
    assert {name: (before[name], said[name]) for name in before.keys() - uptimes
            if said[name] != pytest.approx(before[name])} == {}


def test_the_sums_are_those_of_the_servers(reading):
    _, read, _ = reading
    assert {state: read[f"mcp_servers-{state}"] for state in ("total", "connected", "disconnected", "disabled")} == {
        "total": 26, "connected": 23, "disconnected": 1, "disabled": 2}
    assert read["percent-servers_connected"] == pytest.approx(100 * 23 / 24)
    for kind in KINDS:
        assert len({read[f"mcp_server_tools-{name}"] for name in RUNNING if name.startswith(kind)}) == 1
    assert read["mcp_capabilities-tools"] == sum(read[f"mcp_server_tools-{name}"] for name in RUNNING) > 200


def test_each_server_that_runs_has_the_figures_of_its_process(hub, reading):
    _, read, _ = reading
    assert processes_in(read) == PROCESSES | {f"{what}-{name}" for what in ("ps_rss", "ps_cputime")
                                              for name in RUNNING}
    for name in RUNNING:
        pid = hub.server_process(f"/{name}")
        resident = int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) * 1024
        assert read[f"ps_rss-{name}"] == pytest.approx(resident, rel=0.2), name
        user, system = (int(ticks) * 10_000 for ticks in
                        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])
        assert 0 < sum(read[f"ps_cputime-{name}"]) <= user + system
