"""The hub's log: of the real hub, and through rotation while collectd runs."""
import os
import re

from daemon import Collectd, hub_block, hubs_block
from npmhub import NpmHub, server


def watch(tmp_path, url, log):
    block = hub_block("logged", url, LogFile=log)
    return Collectd(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"])


def pino(level, message):
    return f'{{"level":"{level}","time":1,"msg":"{message}"}}\n'


def test_the_log_of_the_real_hub_is_counted_from_its_first_line(npm, tmp_path):
    hub = NpmHub(tmp_path / "hub", {"memory": server("server-memory"),
                                    "ghost": {"command": "/nonexistent/ghost", "args": []}})
    log = hub.home / "state" / "mcp-hub" / "logs" / "mcp-hub.log"
    with watch(tmp_path, hub.url, log) as collectd:
        collectd.wait_log("log: .*No such file")
        with hub:
            collectd.wait_value("mcp_hub-logged/total_events-connect", lambda seen: seen == 1)
            collectd.wait_value("mcp_hub-logged/total_events-connect_failed", lambda seen: seen >= 1)
            text = log.read_text()
            collectd.wait_value("mcp_hub-logged/file_size-log", lambda size: size >= len(text.encode()))
        assert len(re.findall(r"^'memory' MCP server connected$", text, re.MULTILINE)) == 1
        assert collectd.last("mcp_hub-logged/count-log_errors_100") is None  # bare text: unknown
        assert collectd.last("mcp_hub-logged/mcp_log_entries-error") == 0
        assert len(collectd.lines("log: ")) == 2  # not there, then readable


def test_rotation_loses_and_doubles_no_entry(sim, tmp_path):
    log = tmp_path / "hub.log"
    log.write_text(pino("error", "before the first look"))

    def counted(level, number):
        collectd.wait_value(f"mcp_hub-logged/mcp_log_entries-{level}", lambda seen: seen == number)

    with sim.hub() as hub, watch(tmp_path, hub.url, log) as collectd:
        counted("error", 0)
        collectd.wait_value("mcp_hub-logged/count-log_errors_100", lambda errors: errors == 1)
        with log.open("a") as old:
            old.write(pino("error", "one") + pino("warn", "two"))
            old.flush()
            counted("warn", 1)
            os.rename(log, tmp_path / "hub.log.1")
            log.write_text(pino("info", "in the new file"))
            old.write(pino("warn", "late, in the old one"))
        counted("warn", 2)
        counted("info", 1)
        counted("error", 1)
        log.write_text(pino("info", "cut and written anew, to another length"))  # truncated
        counted("info", 2)
        log.unlink()
        collectd.wait_log("log: .*No such file")
        hub.stop()  # the log is read all the same
        log.write_text(pino("error", "back"))
        counted("error", 2)
        collectd.wait_value("mcp_hub-logged/bool-up", lambda up: up == 0)


def test_nothing_of_the_log_is_in_any_output(sim, tmp_path):
    log = tmp_path / "hub.log"
    log.write_text("")
    with sim.hub() as hub, watch(tmp_path, hub.url, log) as collectd:
        collectd.wait_value("mcp_hub-logged/mcp_log_entries-error", lambda seen: seen == 0)
        with log.open("a") as file:
            file.write(pino("error", "SECRET-PROMPT") + "'SECRET-NAME' MCP server connected\n")
        collectd.wait_value("mcp_hub-logged/total_events-connect", lambda seen: seen == 1)
        collectd.wait_value("mcp_hub-logged/mcp_log_entries-error", lambda seen: seen == 1)
        written = "".join(path.read_text() for path in (tmp_path / "collectd").iterdir() if path.is_file())
    assert "SECRET" not in written
