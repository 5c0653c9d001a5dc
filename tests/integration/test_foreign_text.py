# SPDX-License-Identifier: MIT
"""A line break and control codes in every text that others give us: each line of collectd's log stays one of collectd's."""
import json
import re

import pytest

from certificates import Authority
from daemon import Collectd, hub_block, hubs_block, quote
from npmhub import NpmHub, server

FORGED = "all is well, said root"
EVIL = f"a\n[2026-11-30 00:00:00] [error] {FORGED}\x1b[31m\x9b2J\u202e\r\x07"  # no "/": a path's part, too
OURS = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[\w+\] ")


def assert_clean(daemon):
    """Each line of the log begins as collectd begins it, and says nothing of its own."""
    text = (daemon.folder / "log").read_bytes().decode()
    lines = text.removesuffix("\n").split("\n")
    assert FORGED in text, "the planted text is seen"
    assert [line for line in lines if not OURS.match(line)] == []
    assert [line for line in lines if OURS.sub("", line).startswith(FORGED)] == []
    assert re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", text) == []


def evil(folder):
    made = folder / EVIL
    made.mkdir()
    return made


def spoilt_hubs(sim, folder):
    """A hub for each way in which a hub's own words reach a message."""
    hubs = {name: sim.hub(name) for name in ("reason", "key", "not json", "status", "location", "body")}
    hubs["reason"].fault("raw", data=f"HTTP/1.1 503 {EVIL!a}\x1b[31m{FORGED}\r\nX-Why: \x1b{FORGED}\r\n\r\n")
    hubs["key"].fault("body", data=json.dumps({EVIL: EVIL}))
    hubs["not json"].fault("body", data=EVIL)
    hubs["status"].server(next(iter(hubs["status"].servers))).status = EVIL
    hubs["location"].fault("redirect", to=f"http://127.0.0.1:1/\x1b[31m{FORGED}")
    hubs["body"].fault("status", code=500, body=json.dumps({"error": EVIL, "message": EVIL}))
    authority = Authority(folder, "ours")
    hubs["certificate"] = sim.hub("certificate", tls=authority.server("cert", "DNS:elsewhere"))
    for hub in list(hubs.values()):
        hub.add_workspace(1, 1, cwd=EVIL, config_files=[EVIL])
    return hubs


def test_no_hub_breaks_a_line_of_the_log(sim, npm, tmp_path):
    hubs = spoilt_hubs(sim, tmp_path)
    place = evil(tmp_path)
    real = NpmHub(place / "npm", {"memory": server("server-memory"), EVIL: server("server-memory")})
    blocks = [hub_block(name, hub.url, CACert=tmp_path / "ours.pem") for name, hub in hubs.items()]
    with real:
        blocks.append(hub_block("real", real.url, Process="auto", LogFile="auto"))
        with Collectd(tmp_path / "collectd", hubs_block(*blocks), plugins=["mcp_hub"],
                      environment={"MCP_HUB_DEBUG": "1"}, whole_stacks=False) as collectd:
            collectd.wait_value("mcp_hub-real/file_size-log")
            next(real.home.rglob("mcp-hub.log")).unlink()
            real.config.write_text(f'{{"mcpServers": {EVIL}')
            for name in ("reason", "key", "not json", "location", "body", "certificate"):
                collectd.wait_log(rf'hub "{name}".*: (connect|http|parse|tls): ')
            collectd.wait_log(r'hub "status": .*status')
            collectd.wait_log('hub "real": log: .*No such file')
        assert_clean(collectd)


@pytest.mark.parametrize("case", [
    ("mcp_hub", "Timeout"), ("mcp_hub", "URL"), ("mcp_hub", "Server"), ("mcp_hub", "Header"), ("mcp_hub", "CACert"),
    ("mcp_hub_alerts", "MinSeverity"), ("mcp_hub_alerts", "Format"), ("mcp_hub_alerts", "URL")],
    ids=lambda case: "/".join(case))
def test_no_configuration_breaks_a_line_of_the_log(collectd, case):
    plugin, option = case
    block = "Hub" if plugin == "mcp_hub" else "Webhook"
    value = f"/(/{EVIL}/" if option == "Server" else EVIL
    daemon = collectd(f"<Plugin {plugin}>\n  <{block} {quote(EVIL)}>\n    {option} {quote(value)}\n  </{block}>\n</Plugin>",
                      plugins=[plugin], recorder=False)
    assert daemon.read_once() == 1
    assert_clean(daemon)
