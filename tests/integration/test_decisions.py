# SPDX-License-Identifier: MIT
"""With MCP_HUB_DEBUG the log says what both plugins decided and why, each once a change."""
import json

import pytest

from daemon import alerts_block, hub_block, hubs_block

CLIENTS = {"metric": "*/mcp_hub-prod/current_connections-mcp", "op": ">", "warning": 1}
RULES = {"settings": {"group_wait": "1s"},
         "rules": [{"name": "busy", **CLIENTS}, {"name": "late", **CLIENTS, "for": "1h"}, {"name": "quiet", **CLIENTS},
                   {"name": "second", **CLIENTS, "inhibited_by": ["busy"]}, {"name": "none", **CLIENTS, "metric": "*/x/x"}],
         "silences": [{"rule": "quiet", "until": "2099-01-01T00:00:00Z", "reason": "load test"}]}
ON = r"alert {} on testhost/mcp_hub-prod/current_connections-mcp: "
LINES = [r'hub "prod": state ready, before: none: as the hub says',
         r"rule busy looks at 1 series", r"rule none looks at 0 series",
         ON.format("busy") + r"warning, before ok; value 3, threshold 1",
         ON.format("busy") + r"no notification: it waits for others of its group",
         ON.format("late") + r"pending, value 3; fires after 1 h",
         ON.format("quiet") + r"no notification: silenced: load test",
         ON.format("second") + r"no notification: inhibited by rule busy"]


@pytest.fixture
def start(collectd, sim, tmp_path):
    rules = tmp_path / "alerts.json"
    rules.write_text(json.dumps(RULES))
    hub = sim.hub("prod")
    hub.clients = 3

    def made(environment):
        config = hubs_block(hub_block("prod", hub.url)) + "\n" + alerts_block(rules)
        return collectd(config, environment=environment).start()
    return made


def test_each_decision_is_one_line(start):
    daemon = start({"MCP_HUB_DEBUG": "1"})
    for line in LINES:
        daemon.wait_log(line)
    daemon.wait_reads(3, "prod")
    assert [len(daemon.lines(line)) for line in LINES[3:]] == [1] * 5


def test_without_it_nothing_is_said(start):
    daemon = start({})
    daemon.wait_until(lambda: daemon.notifications, "a notification")
    daemon.wait_reads(3, "prod")
    assert not any(daemon.lines(line) for line in LINES)
