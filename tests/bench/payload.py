"""One read of the big payload, from the request to the list of values.

CPU time of the reading process alone, user and system, kept connection. The hub has no tool
filtering, so that everyone makes one request.
"""
import tempfile
from pathlib import Path

import hubsim
import program
import scripts
import whole
from table import compared, median


def rows(scale):
    cpu = {way: [] for way in ("reader", "discard", "json-c")}
    with hubsim.Sim() as sim, sim.hub(shape="upstream") as hub:
        hub.big()
        for _ in range(scale.rounds):
            for way, costs in cpu.items():
                costs.append(1000 * program.cost(way, hub.url, scale.reads)["cpu"])
        size = len(hub.health()) // 1000
        with tempfile.TemporaryDirectory() as folder:
            body = Path(folder) / "body"
            body.write_bytes(hub.health())
            counted = {way: program.instructions(way, body) / 1e6 for way in ("reader-file", "json-c-file")}
    with hubsim.Sim() as sim, sim.hub(shape="documented") as hub:
        hub.big()
        shell = median([1000 * scripts.run(hub.url) for _ in range(scale.rounds)])
    ours = median(cpu["reader"])
    what = f"CPU of reading {size} kB once, from the request to the list of values"
    yield compared(what, ours, "libcurl, body thrown away", median(cpu["discard"]), "ms", at_most=5)
    curl_json = whole.figures(scale.rounds, scale.seconds)["curl_json"]
    yield compared(what, ours, "curl_json", 1000 * curl_json.cpu, "ms", at_most=1 / 8)
    yield compared(what, ours, "json-c, as it arrives, no values", median(cpu["json-c"]), "ms")
    yield compared(what, ours, "shell, curl and jq", shell, "ms")
    yield compared("instructions for the same bytes, without the network", counted["reader-file"],
                   "json-c, no values", counted["json-c-file"], "million")
