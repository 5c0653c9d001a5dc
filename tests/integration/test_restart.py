# SPDX-License-Identifier: MIT
"""The memory of the alert plugin over restarts: in order, by kill -9, and with a file that is no good.

MCP_HUB_KILLS=1000 runs the long form of the kills at random moments (30 unless told).
"""
import json
import os
import stat
import subprocess

import pytest

from daemon import BUILD, Collectd, alerts_block, hub_block, hubs_block

RULES = {"warning": {"active_clients": 5}}


def test_kills_at_random_moments_lose_and_invent_nothing(tmp_path):
    kills = os.environ.get("MCP_HUB_KILLS") or "30"
    done = subprocess.run([BUILD / "tests" / "adapter" / "kill", tmp_path, kills], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def hub(sim):
    made = sim.hub("prod")
    made.clients = 9
    return made


@pytest.fixture
def start(hub, tmp_path):
    """start(n): the nth daemon; all have one state file."""
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps(RULES))
    state = tmp_path / "mcp_hub_alerts.state"
    block = alerts_block(rules).replace("</Plugin>", f'  StateFile "{state}"\n</Plugin>')
    config = hubs_block(hub_block("prod", hub.url)) + "\n" + block
    made = []

    def start(n):
        made.append(Collectd(tmp_path / f"collectd{n}", config).start())
        return made[-1]
    start.state = state
    yield start
    for daemon in made:
        daemon.kill()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_was_told_is_not_told_again_and_its_end_is(start, hub, end):
    first = start(1)
    first.wait_notification(severity="WARNING", rule="active_clients")
    first.alert_counts("prod")
    first.wait_until(start.state.exists, "it is saved")
    assert stat.S_IMODE(start.state.stat().st_mode) == 0o600
    status = start.state.with_name("status.json")
    first.wait_until(status.exists, "status.json")
    assert stat.S_IMODE(status.stat().st_mode) == 0o640
    getattr(first, end)()
    second = start(2)
    second.wait_reads(3, "prod")
    assert second.alert_counts("prod")["warning"] == 1
    assert second.notifications == []
    hub.clients = 1
    second.wait_notification(severity="OKAY", rule="active_clients")
    second.stop()


def test_a_corrupt_file_is_set_aside_with_a_warning(start):
    start.state.write_bytes(b"nonsense")
    daemon = start(1)
    daemon.wait_log("mcp_hub_alerts.state: expected the first line .* the alerts begin anew")
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    daemon.stop()
    assert start.state.with_name(start.state.name + ".corrupt").read_bytes() == b"nonsense"
    assert start.state.read_bytes().startswith(b"mcp_hub_alerts state ")


def test_a_file_that_cannot_be_written_is_said_once_and_alerts_work(start):
    start.state.with_name(start.state.name + ".new").mkdir()  # even root cannot replace it by a file
    daemon = start(1)
    daemon.wait_notification(severity="WARNING", rule="active_clients")
    daemon.wait_log("mcp_hub_alerts.state: cannot be written")
    daemon.wait_reads(3, "prod")
    assert len(daemon.lines("mcp_hub_alerts.state: cannot be written")) == 1
    daemon.stop()
