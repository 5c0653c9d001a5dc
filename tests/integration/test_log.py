# SPDX-License-Identifier: MIT
"""The hub's log: of the real hub, and through rotation while collectd runs."""
import os
import re
import threading
from contextlib import contextmanager

import pytest

from daemon import Powerless, hub_block, hubs_block
from npmhub import NpmHub, server
from test_faults import MB, peak


def watch(tmp_path, url, log):
    block = hub_block("logged", url, LogFile=log)
    return Powerless(tmp_path / "collectd", hubs_block(block), plugins=["mcp_hub"], whole_stacks=False)


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


# under load

class Writer:
    """A hub that logs some thousand lines a second, now and then in two writes a line; another file when it is told to."""

    def __init__(self, path):
        self.path, self.lines, self.lock = path, 0, threading.Lock()
        self.open()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def open(self):
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def run(self):
        while not self.ended.wait(0.01):
            with self.lock:
                text = "".join(pino("info", f"line {self.lines + i}") for i in range(50)).encode()
                for piece in (text[:1000], text[1000:]):
                    os.write(self.file, piece)
                self.lines += 50

    def rename(self):
        """As logrotate with `create`: what the hub writes until it hears of it goes to the old file."""
        os.rename(self.path, f"{self.path}.1")
        self.wait_more()
        with self.lock:
            os.close(self.file)
            self.open()

    def wait_more(self):
        before = self.lines
        while self.lines < before + 50:
            self.ended.wait(0.005)

    def copy_and_truncate(self):
        """How many lines there were when they were cut off."""
        with open(self.path, "rb") as file, open(f"{self.path}.1", "wb") as copy:
            copy.write(file.read())
        with self.lock:
            os.truncate(self.path, 0)
            return self.lines

    def __enter__(self):
        self.thread.start()
        return self

    def end(self):
        self.ended.set()
        self.thread.join()

    def __exit__(self, *_):
        self.end()
        os.close(self.file)


COUNT = "mcp_hub-logged/mcp_log_entries-info"


def wait_count(collectd, least):
    return collectd.wait_value(COUNT, lambda seen: seen >= least)


@contextmanager
def under_load(sim, tmp_path):
    log = tmp_path / "hub.log"
    log.touch()
    with sim.hub() as hub, watch(tmp_path, hub.url, log) as collectd:
        collectd.wait_value(COUNT, lambda seen: seen == 0)
        with Writer(log) as writer:
            wait_count(collectd, 1000)
            yield collectd, writer


def settle(collectd, writer, least):
    """What is counted when the hub has ended and two more reads found nothing new."""
    writer.end()
    wait_count(collectd, least(writer.lines))
    collectd.wait_reads(2, "logged")
    counted = collectd.last(COUNT)
    collectd.wait_reads(2, "logged")
    assert collectd.last(COUNT) == counted
    # A read may come between the old file's move and the new one.
    assert [line for line in collectd.lines('hub "logged"') if not re.search("No such file|can be read", line)] == []
    return counted


def test_rotation_under_load_loses_and_doubles_no_line(sim, tmp_path):
    with under_load(sim, tmp_path) as (collectd, writer):
        for _ in range(6):
            writer.rename()
            wait_count(collectd, writer.lines)  # a file that comes and goes between two reads is never seen
        assert settle(collectd, writer, lambda lines: lines) == writer.lines


def test_truncation_under_load_loses_at_most_what_no_read_had_seen(sim, tmp_path):
    unseen = 0
    with under_load(sim, tmp_path) as (collectd, writer):
        for _ in range(6):
            seen = collectd.last(COUNT)
            unseen = writer.copy_and_truncate() - seen  # of earlier times as well
            wait_count(collectd, seen + 1)
            writer.wait_more()
        assert settle(collectd, writer, lambda lines: lines - unseen) <= writer.lines


# other things in its place

@pytest.mark.parametrize("make, said", [
    (os.mkfifo, "not a regular file"), (os.mkdir, "not a regular file"),
    (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    (lambda path: path.symlink_to("nowhere"), "No such file"), (lambda path: path.touch(0o000), "Permission denied")])
def test_what_is_no_log_is_said_once_and_the_log_goes_on_when_it_is_back(sim, tmp_path, make, said):
    log, new = tmp_path / "hub.log", tmp_path / "new"
    log.write_text("")
    with sim.hub() as hub, watch(tmp_path, hub.url, log) as collectd:
        collectd.wait_value(COUNT, lambda seen: seen == 0)
        make(new)
        os.rename(log, tmp_path / "away")
        os.rename(new, log)
        collectd.wait_log(f"log: .*{said}")
        with (tmp_path / "away").open("a") as file:
            file.write(pino("info", "written while it was away"))
        for read in collectd.wait_reads(3, "logged"):
            assert read["bool-up"] == 1 and "mcp_log_entries-info" not in read
        (log.rmdir if log.is_dir() and not log.is_symlink() else log.unlink)()
        os.rename(tmp_path / "away", log)
        collectd.wait_value(COUNT, lambda seen: seen == 1)
        assert len(collectd.lines(f"log: .*{said}")) == 1
        assert [line for line in collectd.lines("log: ") if said not in line and "No such file" not in line
                and "can be read" not in line] == []


def test_a_log_of_anything_costs_no_memory_and_the_next_line_counts(sim, tmp_path, request):
    log = tmp_path / "hub.log"
    log.write_text("")
    request.addfinalizer(log.unlink)  # pytest would keep 100 MB
    with sim.hub() as hub, watch(tmp_path, hub.url, log) as collectd:
        collectd.wait_value(COUNT, lambda seen: seen == 0)
        before = peak(collectd)

        def counts_on(number):
            with log.open("a") as file:
                file.write(pino("info", "a line"))
            collectd.wait_value(COUNT, lambda seen: seen == number)
        with log.open("ab") as file:
            file.write(bytes(range(256)) * 20_000 + b"\n")
        counts_on(1)
        with log.open("ab") as file:
            for _ in range(100):
                file.write(b"x" * 1_000_000)
            file.write(b"\n")
        counts_on(2)
        with log.open("ab") as file:
            file.truncate(file.tell() + 200 * MB)  # a hole, of which no more than the end is looked at
            file.seek(0, os.SEEK_END)
            file.write(b"the end of what began in it\n")
        counts_on(3)
        assert peak(collectd) - before < 8 * MB
        assert collectd.lines('hub "logged"') == []
