"""Processes that are stopped and go on: collectd itself, and what it sends to."""
import json
import signal
import time

import pytest

from daemon import HOST, INTERVAL, Collectd, alerts_block, hub_block, hubs_block
from hubsim import HEALTH

PAUSE = 3 * INTERVAL + 3  # seconds: beyond every deadline here
RULES = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "gone", "metric": f"{HOST}/mcp_hub-prompt/bool-up", "function": "absent", "window": "5s", "severity": "critical"},
    {"name": "busy", "metric": "*/mcp_hub-*/current_connections-mcp", "op": ">", "warning": 5, "for": "1h"},
    {"name": "held", "metric": "*/mcp_hub-*/current_connections-mcp", "op": ">", "warning": 2, "for": "2s",
     "no_data": "critical", "no_data_for": "5s"}]}


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "alerts.json"
    path.write_text(json.dumps(RULES))
    return path


def test_a_collectd_that_was_stopped_tells_nothing_of_hubs_that_were_well(sim, rules, tmp_path):
    """Their answers had come, nobody was there to take them: no timeout, no silence, no burst."""
    late, prompt = sim.hub("late"), sim.hub("prompt")
    late.fault("slow", path=HEALTH, delay=INTERVAL / 2)
    prompt.clients = 9  # pending for an hour, and firing
    blocks = hubs_block(hub_block("late", late.url), hub_block("prompt", prompt.url))
    with Collectd(tmp_path / "collectd", blocks + "\n" + alerts_block(rules)) as collectd:
        collectd.wait_reads_of(["late", "prompt"], 2)
        collectd.wait_notification(rule="held")
        for _ in range(2):
            late.wait_for_more(1, HEALTH)
            collectd.process.send_signal(signal.SIGSTOP)
            time.sleep(PAUSE)
            collectd.process.send_signal(signal.SIGCONT)
            collectd.wait_reads_of(["late", "prompt"], 3)
        assert collectd.lines('hub "') == []
        for hub in ("late", "prompt"):
            assert {r.values["bool-up"] for r in collectd.complete(hub)} == {1}
            stamps = [r.time for r in collectd.complete(hub)]
            assert len(stamps) == len(set(stamps))
        assert [n["meta"]["rule"][1] for n in collectd.notifications] == ["held"]
        counts = collectd.alert_counts("prompt")
        assert counts["pending"] == 1 and counts["warning"] == 1 and counts["critical"] == 0
        prompt.clients = 0
        collectd.wait_notification(rule="held", severity="OKAY")
