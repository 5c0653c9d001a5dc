# SPDX-License-Identifier: MIT
"""Shared by all integration tests: the build, the simulator, daemons."""
import pytest

import hubsim
import npmhub
from daemon import BUILD, HASTEN, OURS, Collectd

# What waits longest, or is the largest group, begins first.
FIRST = ("test_graphite", "test_shipped_rules", "test_collection3", "test_demo", "test_network", "test_hostile",
         "test_secrets", "test_disk", "test_broken_lines", "test_real_hub", "test_stopped", "test_faults", "test_bad_hubs",
         "test_fork", "test_webhook")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items):
    """Tests that share more than a simulator stay together (xdist's loadgroup), all others go where there is room."""
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs
        shared = [name for name, made in fixtures.items() if made[-1].scope == "module" and name != "sim"]
        if shared:
            item.add_marker(pytest.mark.xdist_group(f"{item.module.__name__} {' '.join(sorted(shared))}"))
    items.sort(key=lambda item: FIRST.index(name) if (name := item.module.__name__) in FIRST else len(FIRST))


def pytest_sessionstart(session):
    missing = [name for name in OURS if not (BUILD / ".libs" / f"{name}.so").is_file()]
    if not HASTEN.is_file():
        missing.append(HASTEN.name)
    if missing and not session.config.option.collectonly:
        raise pytest.UsageError(f"not built: {', '.join(missing)} in {BUILD} (make check TESTS=); set MCP_HUB_BUILD")


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
