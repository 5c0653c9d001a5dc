# SPDX-License-Identifier: MIT
"""make install and make uninstall, into a folder that plays the root."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon import BUILD, SANITIZERS, SOURCE

pytestmark = pytest.mark.skipif(SANITIZERS, reason="what is installed is the same")

CONF, RULES = "etc/collectd/collectd.conf.d/mcp_hub.conf", "etc/collectd/alerts.json"


def make(target, root):
    subprocess.run(["make", "-C", BUILD, "-s", "--no-print-directory", target, f"DESTDIR={root}", "prefix=/usr",
                    "sysconfdir=/etc"], check=True, capture_output=True, text=True)


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in Path(root).rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    made = tmp_path_factory.mktemp("installed")
    make("install", made)
    return made


@pytest.fixture
def root(installed, tmp_path):
    return shutil.copytree(installed, tmp_path / "root", symlinks=True)


def promised():
    """Where the README says that something is: paths of files, or of the folders they are in."""
    table = (SOURCE / "README.md").read_text().split("\n| what | where |\n")[1].split("\n\n")[0]
    yield from (path.lstrip("/") for path in re.findall(r"`(/[^`]+)`", table))
    for name, section in re.findall(r"`([^`/]+)\((\d)\)`", table):
        yield f"usr/share/man/man{section}/{name}.{section}"


def test_every_file_lands_where_the_readme_says_and_nothing_else_does(root):
    places, installed = set(promised()), files(root)
    assert {file for file in installed if not any(file == p or file.startswith(p + "/") for p in places)} == set()
    assert {p for p in places if not any(file == p or file.startswith(p + "/") for file in installed)} == set()


def test_uninstalling_takes_everything_away(root):
    make("uninstall", root)
    assert set(files(root)) == set()


def test_edited_configuration_survives_and_is_out_of_collectds_way_meanwhile(root):
    edited = {CONF: b"# ours\n", RULES: b"{}\n"}
    for name, text in edited.items():
        (root / name).write_bytes(text)
    before = files(root)
    make("install", root)
    assert files(root) == before
    make("uninstall", root)
    # A collectd that is told to load a plugin that is not there does not start.
    assert files(root) == {CONF + ".removed": edited[CONF], RULES: edited[RULES]}
    make("install", root)
    assert files(root) == before
