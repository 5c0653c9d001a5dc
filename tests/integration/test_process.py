# SPDX-License-Identifier: MIT
"""The processes of a real hub and of its servers, and its log found by itself."""
import os
import signal
from pathlib import Path

import pytest

from daemon import Collectd, hub_block, hubs_block
from npmhub import NpmHub, server

HUB = {"ps_rss-hub", "ps_cputime-hub", "percent-cpu", "percent-memory", "threads-hub", "file_handles-hub"}
LOG = {"file_size-log", "total_events-connect", "total_events-disconnect"}


@pytest.fixture(scope="module")
def hub(npm, tmp_path_factory):
    """Each test leaves it as it was."""
    folder = tmp_path_factory.mktemp("hub")
    script = server("server-filesystem", folder)
    servers = {"everything": server("server-everything"), "memory": server("server-memory"),
               "shell": {"command": "sh", "args": ["-c", " ".join([script["command"], *script["args"]])]},
               "ghost": {"command": "/nonexistent/ghost", "args": []}}
    with NpmHub(folder / "hub", servers) as made:
        yield made


def watch(hub, tmp_path, **options):
    block = hub_block("npm", hub.url, **{"Process": "auto", "LogFile": "auto", **options})
    return Collectd(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"], speed=10)


def rss(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def hub_pid(hub):
    health = hub.health()["workspaces"]
    return health["allActive"][health["current"]]["pid"]


def test_figures_are_those_of_the_hub_and_of_each_server(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-npm/percent-cpu", lambda percent: 0 <= percent <= 100)
        read = collectd.wait_reads(2, "npm")[1]
        assert HUB | LOG <= read.keys()
        assert read["ps_rss-hub"] == pytest.approx(rss(hub_pid(hub)), rel=0.2)
        assert read["threads-hub"] >= 5 and read["file_handles-hub"] >= 10
        for name, word in (("everything", "server-everything"), ("memory", "server-memory")):
            assert read[f"ps_rss-{name}"] == pytest.approx(rss(hub.server_process(word)), rel=0.2)
            assert sum(read[f"ps_cputime-{name}"]) > 0
        assert "ps_rss-shell" in read and "ps_rss-ghost" not in read
        assert read["file_size-log"] > 0
        assert collectd.lines("process: ") == []


def test_a_process_that_is_gone_has_no_figures_and_a_new_one_has_its_own(hub, tmp_path):
    with watch(hub, tmp_path) as collectd:
        collectd.wait_value("mcp_hub-npm/ps_rss-everything")
        os.kill(hub.server_process("server-everything"), signal.SIGKILL)
        collectd.wait_value("mcp_hub-npm/mcp_server_state-everything", lambda state: state == 5)
        read = collectd.wait_reads(2, "npm")[1]
        assert "ps_rss-everything" not in read and "ps_rss-memory" in read
        hub.stop()
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 0)
        assert not HUB & collectd.wait_reads(1, "npm")[0].keys()
        hub.start()
        collectd.wait_value("mcp_hub-npm/bool-up", lambda up: up == 1)
        read = collectd.wait_reads(2, "npm")[1]
        assert read["ps_rss-hub"] == pytest.approx(rss(hub_pid(hub)), rel=0.2)
        assert {"ps_rss-everything", "ps_rss-memory"} <= read.keys()


def test_no_process_is_looked_at_when_none_is_wanted(hub, tmp_path):
    with watch(hub, tmp_path, Process="none") as collectd:
        read = collectd.wait_reads(2, "npm")[1]
        assert not [name for name in read if name.startswith("ps_")] and not (HUB | LOG) & read.keys()
