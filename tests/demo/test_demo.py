# SPDX-License-Identifier: MIT
"""./quickstart without arguments: what it understands, what it shows, what it leaves behind."""
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import demo
from documents import block, shape
from record import Log, Notice, Record, Value, understand
from view import WIDTH, View

BUILD = os.environ.get("MCP_HUB_BUILD") or str(demo.SOURCE / "build/dev")
ON_COLLECTD = pytest.mark.skipif(os.environ.get("MCP_HUB_SANITIZERS") == "1",
                                 reason="the demonstration runs collectd without the sanitizers' runtime")


def put(name, value, when=100.0):
    return f"PUTVAL vm/mcp_hub-demo/{name} interval=2.000 {when:.3f}:{value}"


def notification(severity, text="LLM success rate is 89 %, x = 1, message = 2"):
    return (f"[info] Notification: severity = {severity}, host = vm, plugin = mcp_hub, plugin_instance = demo, "
            f"type = percent, type_instance = llm_success, message = {text}")


def test_collectd_lines_are_understood():
    assert understand(put("bool-up", 1)) == Value("mcp_hub-demo", "bool-up", 100.0, 1.0)
    assert understand(r'PUTVAL "vm/mcp_hub-a b/uptime-x \"y\"" interval=2.000 1.5:7') == Value(
        "mcp_hub-a b", 'uptime-x "y"', 1.5, 7.0)
    assert understand(notification("FAILURE")) == Notice(
        "FAILURE", "percent-llm_success", "LLM success rate is 89 %, x = 1, message = 2")
    assert understand("[error] mcp_hub: no") == Log("error", "mcp_hub: no")
    assert understand("anything") == Log("", "anything")


def test_an_alert_is_active_until_it_is_okay():
    record = Record()
    for severity, active in (("WARNING", "WARNING"), ("FAILURE", "FAILURE"), ("OKAY", None)):
        record.notice(understand(notification(severity)), "12:00:00")
        assert record.active.get("percent-llm_success") == active
    assert record.notices == 3 and record.had("percent-llm_success", "FAILURE")


@pytest.fixture
def shown(monkeypatch):
    """A demonstration without processes, and what it has shown so far."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    made = demo.Demo("build/run", "/nowhere", View(out), "http://user:secret@hub/")

    def hear(*lines):
        for line in lines:
            made.hear(understand(line))
        made.finish_round()
        return out.getvalue()
    return made, hear


def test_a_round_is_one_row_and_notices_follow_it(shown):
    _, hear = shown
    text = hear(put("bool-up", 1), put("mcp_hub_state", 0), notification("FAILURE"), put("percent-llm_success", 89.2),
                put("mcp_servers-connected", 25), put("mcp_servers-total", 26), put("mcp_servers-dead", 1))
    row, alert = text.splitlines()[1:3]
    assert re.match(r"\d\d:\d\d:\d\d ready +25/26 1 dead 89.2% +- ", row)
    assert "!! CRITICAL LLM success rate" in alert
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_value_of_the_round_before_is_never_shown_again(shown):
    _, hear = shown
    hear(put("bool-up", 1), put("mcp_hub_state", 0), put("queue_length-llm", 77))
    last = hear(put("bool-up", 0, 102.0), put("mcp_hub_state", 8, 102.0)).splitlines()
    assert any("no answer" in line and "77" not in line for line in last)
    assert sum("77" in line for line in last) == 1


def test_a_missing_alert_is_named_and_fails(shown):
    made, hear = shown
    hear(put("bool-up", 1), notification("WARNING"))
    made.story_over = 1
    assert made.conclude() == 1
    text = hear()
    assert "MISSING: FAILURE of bool-up did not come" in text
    assert "MISSING: percent-llm_success has not ended" in text


def test_passwords_are_not_shown(shown):
    made, hear = shown
    made.introduce()
    assert "secret" not in hear(put("bool-up", 0))


def start(tmp_path, **env):
    return subprocess.Popen([sys.executable, "-B", demo.__file__, BUILD], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "TMPDIR": str(tmp_path), **env})


def started_below(tmp_path):
    """Processes that a demonstration with its folder there has left."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path] if str(tmp_path).encode() in path.read_bytes() else []
        except OSError:
            pass
    return found


def entries(text):
    """The shapes of what begins with a time, whole where it goes on in further lines; the heading of the table."""
    return [shape(entry) for entry in re.findall(r"^(?:\d\d:\d\d:\d\d |time ).*\n(?: {12}.*\n)*", text, re.MULTILINE)]


def assert_shown(shown, real):
    """In the same order, though there may be more."""
    rest = iter(real)
    for entry in shown:
        assert entry in rest, (entry, real)


@ON_COLLECTD
def test_the_incident_sets_off_its_alerts_and_ends_by_itself(tmp_path):
    with start(tmp_path, MCP_HUB_URL="", QUICKSTART_SPEED="2") as process:
        text = process.stdout.read()
    assert process.returncode == 0, text
    assert "Of the 7 alerts that the incident must set off, 7 came" in text
    assert "Every alert has ended." in text and "\x1b" not in text
    # That a server is dead takes longer to be sure of than this story has.
    assert_shown([entry for entry in entries(block("incident")) if not re.search("dead|dies|postgres", entry)],
                 entries(text))
    assert list(tmp_path.iterdir()) == [] and started_below(tmp_path) == []


@ON_COLLECTD
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_summary_and_without_a_trace(tmp_path, number):
    with start(tmp_path, MCP_HUB_URL="http://127.0.0.1:9") as process:
        text = ""
        while "CRITICAL" not in text:
            line = process.stdout.readline()
            assert line, text
            text += line
        process.send_signal(number)
        text += process.stdout.read()
    assert process.returncode == 0, text
    assert "Where graphs come from" in text and "bool-up  critical" in text
    assert list(tmp_path.iterdir()) == [] and started_below(tmp_path) == []


@ON_COLLECTD
def test_a_wrong_url_is_explained(tmp_path):
    with start(tmp_path, MCP_HUB_URL='ftp://x"\\') as process:
        text = process.stdout.read()
    assert process.returncode == 1, text
    assert "expected an http or https URL" in text and "a plugin refused its configuration" in text


def test_a_wrong_speed_is_refused(tmp_path):
    with start(tmp_path, QUICKSTART_SPEED="fast") as process:
        process.stdout.read()
    assert process.returncode == 1 and list(tmp_path.iterdir()) == []
