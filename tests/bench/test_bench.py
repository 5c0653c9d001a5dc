# SPDX-License-Identifier: MIT
"""What the bench concludes from its figures."""
import math

import fleet
import table


def test_slope_of_a_square_is_two():
    assert math.isclose(table.exponent([1, 10, 100], [3, 300, 30000]), 2)


def test_ratio_is_the_median_of_the_rounds_and_missed_beyond_its_target():
    ours, peer = [1.0, 9.0, 2.0], [8.0, 9.0, 10.0]
    row = table.compared("x", ours, "peer", peer, "ms", at_most=1 / 8)
    assert (row.ours, row.peer, row.ratio) == ("2 ms", "peer 9 ms", "1/5")
    assert (row.target, row.met) == ("≤ 1/8", False)
    assert table.compared("x", ours, "peer", peer, "ms", at_most=1 / 4).met


def test_only_good_reads_of_hubs_count():
    hubs, uptime = fleet.read_times([
        b"PUTVAL bench/uptime/uptime interval=2.000 10.000:1\n",
        b"PUTVAL bench/mcp_hub-h0/bool-up interval=2.000 10.100:1\n",
        b"PUTVAL bench/mcp_hub-h0/bool-up interval=2.000 12.100:0\n",
        b"PUTVAL bench/mcp_hub-h1/mcp_hub_state interval=2.000 10.100:1\n",
        b"PUTVAL bench/curl_json-h2/gauge-activeClients interval=2.000 10.200:0\n"])
    assert uptime == [10.0]
    assert hubs == {"h0": [10.1], "h2": [10.2]}


def test_a_read_that_never_came_is_late_for_ever():
    assert math.isclose(fleet.lateness([100.1, 102.5, 104.2], 100, 2, 3), 0.5)
    assert fleet.lateness([100.1, 104.2], 100, 2, 3) == math.inf
