# SPDX-License-Identifier: MIT
"""Shared by all integration tests: the build, the simulator, daemons."""
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "hubsim")]

import hubsim  # noqa: E402
import npmhub  # noqa: E402
from daemon import BUILD, OURS, Collectd  # noqa: E402


def pytest_sessionstart(session):
    missing = [name for name in OURS if not (BUILD / ".libs" / f"{name}.so").is_file()]
    if missing and not session.config.option.collectonly:
        raise pytest.UsageError(f"not built: {', '.join(missing)} in {BUILD}/.libs; set MCP_HUB_BUILD")


@pytest.fixture(scope="module")
def sim():
    with hubsim.Sim() as made:
        yield made


@pytest.fixture
def collectd(tmp_path):
    """collectd(config, ...) makes a daemon, not started; whatever still runs at the end is stopped in order."""
    made = []

    def make(config="", **options):
        made.append(Collectd(tmp_path / f"collectd{len(made) + 1}", config, **options))
        return made[-1]
    yield make
    try:
        for daemon in made:
            daemon.stop()
    finally:
        for daemon in made:
            daemon.kill()


@pytest.fixture(scope="session")
def npm():
    npmhub.install()
    return npmhub.PREFIX
