# SPDX-License-Identifier: MIT
"""One read of the big payload, from the request to the list of values: CPU of the reading process."""
import hubsim
import program
import ways
from table import compared


def counted(scale, size):
    """Instructions of a read, in user space."""
    with hubsim.Sim() as sim, sim.hub(shape="upstream") as hub:
        hub.big()
        ours, json_c = ([program.instructions(way, hub.url)] for way in ("reader", "json-c"))
    what = f"instructions of reading {size} kB once"
    yield compared(what, ours, "json-c, no values", json_c, "million", 1e-6)
    if not scale.quick:
        yield compared(what, ours, "whole collectd with curl_json", [ways.instructions_of_curl_json()], "million",
                       1e-6, at_most=1 / 8)


def rows(scale):
    found = ways.measure(scale)
    size = found["bytes"][-1] // 1000
    what = f"CPU of reading {size} kB once, from the request to the list of values"
    for name, way, at_most in (("libcurl, body thrown away", "discard", 5), ("curl_json", "curl_json", 1 / 8),
                               ("json-c as it arrives, no values", "json-c", None),
                               ("shell, curl and jq", "scripts", None)):
        yield compared(what, found["reader"], name, found[way], "ms", 1000, at_most)
    yield from counted(scale, size)
