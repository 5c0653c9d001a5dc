# SPDX-License-Identifier: MIT
"""What a hub takes on the heap, libcurl's share of it included: its own processes and log are read, too."""
import tempfile
from pathlib import Path

import hubsim
import program
from table import Row, amount, bounded

SERVERS = 26
SIZES = {"36 kB": 36_000, "290 kB": 290_000, "10 MB": 10_000_000}
LOG_LINE = '{"type":"info","message":"\'github\' MCP server connected","data":{},"timestamp":"2026-11-20T12:00:00Z"}\n'


def tools_for(hub, size):
    """So many tools that 26 servers make a body of about that size."""
    bare, some = (len(hub.fill(SERVERS, tools).health()) for tools in (0, 1000))
    return max(0, round((size - bare) * 1000 / (some - bare)))


def rows(scale):
    with tempfile.TemporaryDirectory() as folder, hubsim.Sim() as sim, sim.hub(shape="documented") as hub:
        log = Path(folder) / "mcp-hub.log"
        log.write_text(LOG_LINE * 5000)
        for name, size in SIZES.items():
            hub.fill(SERVERS, tools_for(hub, size))
            found = program.memory(hub.url, log)
            what = f"heap of a hub of {SERVERS} servers, body {name}"
            yield bounded(f"{what}, at rest", found["rest"] / 1024, "KiB", 64)
            yield bounded(f"{what}, while reading", found["peak"] / 1024, "KiB", 256)
        yield bounded("the same at the first read, which also finds the processes", found["first"] / 1024, "KiB", 256)
        yield Row("heap that all hubs share: libcurl's and the HTTP engine's", amount(found["shared"] / 1024, "KiB"))
