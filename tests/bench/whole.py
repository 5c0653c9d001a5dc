# SPDX-License-Identifier: MIT
"""A whole collectd that reads the big hub and dispatches every value, ours and curl_json's."""
import ways
from table import compared


def rows(scale):
    found = ways.measure(scale)
    ours, peer = found["mcp_hub"], found["curl_json"]
    values, peer_values = found["mcp_hub", "values"][-1], found["curl_json", "values"][-1]
    yield compared(f"whole collectd: CPU of a read, all values dispatched ({values}; curl_json reaches "
                   f"{peer_values})", ours, "curl_json", peer, "ms", 1000, at_most=1)
    yield compared("whole collectd: the same for each value", [cpu / values for cpu in ours], "curl_json",
                   [cpu / peer_values for cpu in peer], "µs", 1e6, at_most=1 / 2)
    if not scale.quick:
        yield compared("whole collectd: instructions of a read", [ways.instructions("mcp_hub")], "curl_json",
                       [ways.instructions_of_curl_json()], "million", 1e-6, at_most=1)
    yield compared(f"whole collectd: peak memory above an idle one, {ways.ENTRIES} hubs", found["mcp_hub", "KiB"],
                   "curl_json", found["curl_json", "KiB"], "KiB")
