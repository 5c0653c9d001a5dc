# SPDX-License-Identifier: MIT
"""The state file, status.json and the report of the day: a disk that is full, a folder that is gone, something else in
their place, and who may read them.

Whatever happens to files: alerts are told, what was on disk stays whole, each trouble is said once, and what was not
saved is saved as soon as it can be.
"""
import json
import os
import re
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from daemon import HOST, Powerless, coming_minute, quote

RULES = {"settings": {"group_wait": "0s"}, "rules": [
    {"name": "level", "metric": "*/test/gauge-*", "op": ">", "warning": 5}]}
NO_ROOM = "No space left on device"
ROOM = 256  # kB of a small disk
NOBODY = 65534  # user and group


class Keeper(Powerless):
    """A daemon of the alert plugin alone; what it keeps is in the folder `kept`."""

    def __init__(self, folder, kept, state=None, more="", **options):
        self.kept = Path(kept)
        self.state = Path(state or self.kept / "alerts.state")
        self.status = self.state.with_name("status.json")
        rules = folder / "alerts.json"
        rules.write_text(json.dumps(RULES))
        super().__init__(folder / f"collectd{len(list(folder.glob('collectd*')))}", "\n".join([
            "<Plugin mcp_hub_alerts>", f"  Rules {quote(rules)}", f"  StateFile {quote(self.state)}", more, "</Plugin>"]),
            plugins=["mcp_hub_alerts"], **options)

    def put(self, value, identity="test/gauge-a", host=HOST):
        answer = self.ask(f'PUTVAL "{host}/{identity}" interval=1000 N:{value}')
        assert answer[0].startswith("0 "), answer

    def told(self):
        self.poll()
        return [n["severity"] for n in self.notifications if "rule" in n["meta"]]

    def fire(self, count=1):
        self.put(9)
        self.wait_notification(count, rule="level", severity="WARNING")

    def recover(self, count=1):
        self.put(1)
        self.wait_notification(count, rule="level", severity="OKAY")

    def said(self, path, what):
        """The lines about a file, as they are in collectd's log."""
        return self.lines(rf"mcp_hub_alerts: {re.escape(str(path))}: {what}")

    def wait_said(self, path, what, count=1):
        return self.wait_log(rf"mcp_hub_alerts: {re.escape(str(path))}: {what}", count)

    def tick(self, count=3):
        for _ in range(count):
            self.wait_fresh("mcp_hub_alerts/bool-rules_current")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# a disk that is full

class OnSmallDisk(Keeper):
    """What it keeps is on a disk of its own, which is gone with it; we see it through its process."""

    def __init__(self, folder, first="true"):
        (folder / "kept").mkdir(exist_ok=True)
        self.first = first
        super().__init__(folder, folder / "kept")

    def command(self, *options):
        setpriv, *rest = super().command(*options)
        at = rest.index("collectd")
        script = f'mount -t tmpfs -o size={ROOM}k none {self.kept} && {{ {self.first}; }} && exec "$@"'
        return [setpriv, *rest[:at], "unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", *rest[at:]]

    def seen(self, path):
        return Path(f"/proc/{self.process.pid}/root{path}")

    def start(self):
        super().start()
        self.wait_until(lambda: Path(f"/proc/{self.process.pid}/comm").read_text() == "collectd\n", "all that comes first")
        assert self.seen(self.kept).stat().st_dev != self.kept.stat().st_dev, "not a disk of its own"
        return self

    def fill(self, until):
        """Every byte, as long as it takes: what is replaced sets its room free. Never more than the disk has."""
        path = self.seen(self.kept / "ballast")
        disk = os.statvfs(path.parent)
        assert disk.f_blocks * disk.f_frsize <= ROOM * 1024, "not the disk of the test"

        def full():
            with path.open("ab", buffering=0) as ballast:
                try:
                    while ballast.tell() <= ROOM * 1024:
                        ballast.write(bytes(4096))
                except OSError:
                    pass
            return until()
        self.wait_until(full, "a full disk that is noticed")

    def make_room(self):
        self.seen(self.kept / "ballast").unlink()


def may_mount():
    return subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", "mount -t tmpfs none /mnt"],
                          capture_output=True).returncode == 0


needs_mount = pytest.mark.skipif(not may_mount(), reason="a disk of its own takes root that may mount")


@needs_mount
def test_a_disk_that_becomes_full_costs_no_alert_and_what_was_saved_stays(tmp_path):
    with OnSmallDisk(tmp_path) as daemon:
        daemon.fire()
        state = daemon.seen(daemon.state)
        daemon.wait_until(lambda: b"gauge" in state.read_bytes(), "the alert is saved")
        daemon.fill(lambda: daemon.said(daemon.status, f"cannot be written: {NO_ROOM}"))
        before = state.read_bytes()
        daemon.recover()
        daemon.fill(lambda: daemon.said(daemon.state, f"cannot be written: {NO_ROOM}"))
        saved = state.read_bytes()
        if saved == before:
            daemon.fire(2)
            daemon.recover(count=2)
        daemon.tick()
        assert state.read_bytes() == saved and saved.startswith(b"mcp_hub_alerts state ")
        assert json.loads(daemon.seen(daemon.status).read_text())["version"]
        for path in (daemon.state, daemon.status):
            assert len(daemon.said(path, "")) == 1, daemon.said(path, "")
        daemon.make_room()
        for path in (daemon.state, daemon.status):
            daemon.wait_said(path, "is written again")
        assert state.read_bytes() != saved
        assert not list(daemon.seen(daemon.kept).glob("*.new"))
        assert daemon.told() == ["WARNING", "OKAY"] * (len(daemon.told()) // 2)


@needs_mount
def test_a_disk_that_is_full_at_the_start_gives_what_it_holds_and_takes_it_later(tmp_path):
    kept = tmp_path / "saved"
    kept.mkdir()
    with Keeper(tmp_path, kept) as first:
        first.fire()
        first.tick()  # every sink has it: at its end nobody waits long for them
    old = first.state.read_bytes()
    full = f'cp {first.state} {tmp_path}/kept/; ! dd if=/dev/zero of={tmp_path}/kept/ballast bs=4k count={ROOM}'
    with OnSmallDisk(tmp_path, first=f"{{ {full}; }} 2>/dev/null") as daemon:
        for path in (daemon.state, daemon.status):
            daemon.fill(lambda path=path: daemon.said(path, f"cannot be written: {NO_ROOM}"))
        daemon.put(9)
        daemon.tick()
        assert daemon.told() == [], "it was told before"
        daemon.recover()
        assert daemon.seen(daemon.state).read_bytes() == old
        assert len(daemon.said(daemon.state, "")) == len(daemon.said(daemon.status, "")) == 1
        daemon.make_room()
        daemon.wait_said(daemon.state, "is written again")
        (tmp_path / "later").mkdir()
        (tmp_path / "later" / "alerts.state").write_bytes(daemon.seen(daemon.state).read_bytes())
    with Keeper(tmp_path, tmp_path / "later") as third:
        third.put(1)
        third.tick()
        assert third.told() == [], "its end was told before"


# a folder that is not what it was

def forbid(folder):
    folder.chmod(0)


def lock(folder):
    folder.chmod(0o500)


def away(folder):
    folder.rename(folder.with_name("away"))


def a_file(folder):
    away(folder)
    folder.touch()


def restore(folder):
    if folder.is_file():
        folder.unlink()
    if not folder.exists():
        folder.with_name("away").rename(folder)
    folder.chmod(0o700)


@pytest.mark.parametrize("spoil, why", [(forbid, "Permission denied"), (lock, "Permission denied"),
                                        (away, "No such file or directory"), (a_file, "Not a directory")])
def test_a_folder_that_turns_wrong_is_said_once_and_saved_into_when_it_is_right(tmp_path, spoil, why):
    kept = tmp_path / "kept"
    kept.mkdir()
    with Keeper(tmp_path, kept) as daemon:
        daemon.fire()
        daemon.wait_until(lambda: daemon.state.exists() and daemon.status.exists(), "both files")
        old = daemon.state.read_bytes()
        spoil(kept)
        daemon.wait_said(daemon.status, f"cannot be written: {why}")
        daemon.recover()
        daemon.wait_said(daemon.state, f"cannot be written: {why}")
        daemon.fire(2)
        daemon.tick()
        assert len(daemon.said(daemon.state, "")) == len(daemon.said(daemon.status, "")) == 1
        if spoil is not forbid:
            assert (kept if spoil is lock else kept.with_name("away")).joinpath("alerts.state").read_bytes() == old
        restore(kept)
        for path in (daemon.state, daemon.status):
            daemon.wait_said(path, "is written again")
        assert daemon.told() == ["WARNING", "OKAY", "WARNING"]
    with Keeper(tmp_path, kept) as second:
        second.put(9)
        second.tick()
        assert second.told() == []
    assert sorted(path.name for path in kept.iterdir()) == ["alerts.state", "status.json"]


@pytest.mark.parametrize("spoil, why", [(forbid, ", as what is there cannot be kept: Permission denied"),
                                        (away, ": No such file or directory")])
def test_a_folder_that_is_wrong_at_the_start_is_said_and_alerts_work(tmp_path, spoil, why):
    kept = tmp_path / "kept"
    kept.mkdir()
    spoil(kept)
    with Keeper(tmp_path, kept) as daemon:
        daemon.fire()
        daemon.tick()
        daemon.wait_said(daemon.state, f"cannot be written{why}")
        begins_anew = daemon.said(daemon.state, "cannot be read: .*; the alerts begin anew")
        assert len(begins_anew) == (spoil is forbid), "a first start is no news"
        restore(kept)
        daemon.wait_said(daemon.state, "is written again")


# something else in the place of the file

def device(path):
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))


def listening(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def a_link_to_nothing(path):
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, listening, a_link_to_nothing,
                                  pytest.param(device, marks=needs_mount)])
def test_what_is_no_file_is_left_alone_and_holds_nobody_up(tmp_path, make):
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("alerts.state", "status.json"):
        make(kept / name)
    before = {path.name: path.lstat().st_mode for path in kept.iterdir()}
    with Keeper(tmp_path, kept) as daemon:
        daemon.fire()
        daemon.wait_said(daemon.state, ".*; the alerts begin anew")
        daemon.wait_said(daemon.state, "cannot be written: expected a regular file")
        daemon.wait_said(daemon.status, "cannot be written: expected a regular file")
        daemon.recover()
        daemon.tick()
        assert len(daemon.said(daemon.state, "")) == 2 and len(daemon.said(daemon.status, "")) == 1
    assert {path.name: path.lstat().st_mode for path in kept.iterdir()} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="to own a file of somebody else takes root")
@pytest.mark.parametrize("name", ["alerts.state", "elsewhere"])
def test_a_state_file_that_cannot_be_read_is_said_and_kept(tmp_path, name):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / name).write_text("theirs")
    (kept / name).chmod(0o600)
    os.chown(kept / name, NOBODY, NOBODY)
    if name != "alerts.state":
        (kept / "alerts.state").symlink_to(name)
    with Keeper(tmp_path, kept) as daemon:
        daemon.wait_said(daemon.state, "cannot be read: Permission denied; the alerts begin anew, .* kept as .*unread")
        daemon.fire()
        daemon.wait_until(lambda: daemon.state.stat().st_uid == 0, "another is saved")
        assert len(daemon.said(daemon.state, "")) == 1
    assert (kept / "alerts.state.unread").read_text() == "theirs"


@pytest.mark.skipif(os.geteuid() != 0, reason="to give a folder to another group takes root")
def test_the_group_of_a_setgid_folder_may_read_status_json_and_not_the_state(tmp_path):
    with tempfile.TemporaryDirectory() as kept:  # others can get at it, unlike tmp_path
        os.chown(kept, 0, NOBODY)
        os.chmod(kept, 0o2750)
        with Keeper(tmp_path, kept) as daemon:
            daemon.fire()
            daemon.wait_until(lambda: daemon.state.exists() and daemon.status.exists(), "both files")

        def read(path, group):
            return subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={group}", "--clear-groups", "cat", path],
                                  capture_output=True).stdout
        assert "alerts" in json.loads(read(daemon.status, NOBODY)) and not read(daemon.state, NOBODY)
        assert not read(daemon.status, NOBODY - 1)


# the report of the day, and the modes of all three

class Reporter(Keeper):
    """The time for the report comes soon after the start."""

    def __init__(self, folder, kept, umask=0o22, **options):
        self.reports = kept / "reports"
        self.umask = umask
        minute, zone = coming_minute(20)
        super().__init__(folder, kept, more=f'  DailySummary "{minute}"\n  ReportDir {quote(self.reports)}',
                         environment=zone, **options)

    def command(self, *options):
        first, *rest = super().command(*options)
        return [first, "--pdeathsig", "KILL", "sh", "-c", f'umask {self.umask:o}; exec "$@"', "sh", first, *rest]


@pytest.mark.parametrize("umask", [0, 0o777])
def test_modes_do_not_depend_on_who_starts_collectd_nor_need_the_reports_a_folder(tmp_path, umask):
    kept = tmp_path / "kept"
    kept.mkdir()
    with Reporter(tmp_path, kept, umask) as daemon:
        daemon.put(1, "mcp_hub-prod/bool-up")
        daemon.fire()
        daemon.wait_notification(type="summary")
        report, = daemon.wait_until(lambda: list(daemon.reports.glob("*.md")), "the report")
        daemon.wait_until(lambda: daemon.state.exists() and daemon.status.exists(), "both files")
    assert re.fullmatch(rf"{HOST}-\d{{4}}-\d\d-\d\d\.md", report.name)
    assert {path.name: mode(path) for path in (daemon.state, daemon.status, daemon.reports, report)} == {
        "alerts.state": 0o600, "status.json": 0o640, "reports": 0o750, report.name: 0o640}
    assert len(list(kept.iterdir())) == 3 and len(list(daemon.reports.iterdir())) == 1
