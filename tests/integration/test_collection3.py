# SPDX-License-Identifier: MIT
"""Graphs of collection3: a day of a hub's values in RRD files, each drawn as it should be."""
import grp
import os
import re
import time
import urllib.error

import pytest

import history
from collection3 import OURS, PNG, SHIPPED, Collection3, colours
from daemon import OUR_TYPES, Collectd
from samples import configuration
from test_documents import coded_values, documented_identities

KEY = 80  # pixels of a colour, more than its box beside the label has
OTHER_SERVERS = history.SERVERS.keys() - {"postgres"}
OUR_BLOCKS = OURS.read_text()


def blocks(text):
    """{type: {key: [value, ...]}} of a file of collection3."""
    found = {}
    for name, body in re.findall(r"^<Type (\w+)>\n(.*?)^</Type>", text, re.MULTILINE | re.DOTALL):
        found[name] = {}
        for key, value in re.findall(r"^\s*(\w+)\s+(.*)$", body, re.MULTILINE):
            found[name].setdefault(key, []).append(value)
    return found


def colours_asked(block):
    """Those that a block gives to what it draws; collection3 has its own otherwise."""
    given = {value.split()[-1] for value in block.get("Color", [])}
    return given or ({"000000"} if is_stacked(block) else {"0000ff"})


def lines_across(block):
    """The colours of the lines that name a state."""
    return set(re.findall(r"HRULE:\d+\\?#(\w{6})", " ".join(block.get("RRDOptions", []))))


def is_stacked(block):
    return "GenericStacked" in block.get("Module", [])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """RRD files of a day, written by a real collectd."""
    folder = tmp_path_factory.mktemp("rrd")
    daemon_folder = folder / "collectd"
    config = configuration("rrdtool.conf", {
        "/var/lib/collectd/rrd": folder / "rrd", "CacheTimeout 300": "CacheTimeout 0",
        "/run/collectd-unixsock": daemon_folder / "socket", "www-data": grp.getgrgid(os.getgid()).gr_name})
    with Collectd(daemon_folder, config, plugins=[], recorder=False, host=history.HOST) as daemon:
        daemon.wait_until(daemon.connect, "unixsock").close()
        with daemon.connect() as client, client.makefile() as answers:
            for command in (*history.commands(int(time.time())), f'PUTVAL "{history.HOST}/last/gauge" N:1'):
                client.sendall(command.encode() + b"\n")
                assert answers.readline().startswith("0 Success"), command
        daemon.wait_until(lambda: daemon.ask(f'GETVAL "{history.HOST}/last/gauge"')[0].startswith("1 "),
                          "the last value taken")
    return folder / "rrd"


@pytest.fixture(scope="module")
def site(data, tmp_path_factory):
    with Collection3(tmp_path_factory.mktemp("site") / "collection3", data) as made:
        yield made


def query(path):
    """What asks for the graph of an RRD file."""
    folder, name = path.parent.name, path.stem
    made = {"hostname": history.HOST, "begin": -history.DAY}
    for part, text in (("plugin", folder), ("type", name)):
        made[part], dash, instance = text.partition("-")
        if dash:
            made[f"{part}_instance"] = instance
    return made


def test_the_day_has_every_identity_of_the_readme():
    day = history.make(int(time.time()))
    drawn = {re.sub("-postgres$", "-<server>", identity.split("/", 1)[1]) for identity in day}
    assert documented_identities() - drawn == set()


def test_every_type_of_ours_has_a_block():
    types = re.findall(r"^(\w+)", OUR_TYPES.read_text(), re.MULTILINE)
    assert set(types) - blocks(OUR_BLOCKS).keys() == set()


def test_every_block_is_of_a_type_of_the_table_of_values_and_names_its_states():
    words = {value.type: value.words for value in coded_values()}
    for name, block in blocks(OUR_BLOCKS).items():
        lines = re.findall(r"HRULE:(\d)\\#\w{6}:([a-z-]+)", " ".join(block.get("RRDOptions", [])))
        shown = [line for line in lines if words[name]]
        assert all(words[name][int(number)] == word for number, word in shown), name
        assert bool(shown) == (name.startswith("mcp_") and bool(words[name])), name


def test_no_type_that_collection3_draws_is_changed():
    shipped = blocks((SHIPPED / "etc" / "collection.conf").read_text())
    assert shipped.keys() & blocks(OUR_BLOCKS).keys() == set()


def test_types_of_other_plugins_keep_a_graph_for_each_value():
    stock = {name: block for name, block in blocks(OUR_BLOCKS).items() if name not in OUR_TYPES.read_text()}
    assert len(stock) > 10 and not any("Module" in block for block in stock.values())


def test_every_graph_is_a_picture_in_its_colours(site, data):
    ours, drawn = blocks(OUR_BLOCKS), set()
    files = sorted(data.glob("*/mcp_hub*/*.rrd"))
    assert len(files) == len(history.make(int(time.time())))
    for path in files:
        asked = query(path)
        if asked.get("type_instance") in OTHER_SERVERS:  # drawn like postgres
            continue
        block = ours.get(asked["type"], {})
        if is_stacked(block):
            asked.pop("type_instance", None)
        key = tuple(asked.items())
        if key in drawn:
            continue
        drawn.add(key)
        png = site.graph(**asked)
        assert png.startswith(PNG), path
        seen = colours(png)
        wanted = colours_asked(block)
        assert max(seen[colour] for colour in wanted) > KEY, f"{path}: nothing is drawn"
        wanted |= lines_across(block)
        assert wanted <= seen.keys(), f"{path}: {wanted - seen.keys()} not in sight"
    assert "graph failed" not in site.errors(), site.errors()


def test_labels_are_not_cut():
    for name, block in blocks(OUR_BLOCKS).items():
        assert block.keys() >= {"RRDTitle", "RRDVerticalLabel", "RRDFormat", "DataSources"}, name
        for label in block.get("DSName", []):
            assert len(label.strip('"').split(None, 1)[1].strip()) <= 13, (name, label)
        assert len(block["RRDVerticalLabel"][0].strip('"')) <= 13, name


def test_the_page_lists_our_hub_and_all_its_graphs(site, data):
    assert history.HOST in site.get("/bin/index.cgi").decode()
    page = site.get("/bin/index.cgi", action="show_selection", hostname=history.HOST, plugin="mcp_hub",
                    timespan=history.DAY).decode()
    assert "mcp_hub_alerts" in page
    graphs = re.findall(r'src="graph\.cgi\?([^"]+)"', page)
    assert all("plugin_instance=prod" in graph for graph in graphs)
    stacked = {name for name, block in blocks(OUR_BLOCKS).items() if is_stacked(block)}
    single = [path for path in data.glob("*/mcp_hub-prod/*.rrd") if path.stem.split("-")[0] not in stacked]
    assert len(graphs) == len(single) + len(stacked - {"mcp_alerts"})


def test_the_configuration_is_not_served(site):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        site.get("/etc/collection.conf")


def test_thresholds_that_are_taken_in_are_drawn(data, tmp_path):
    taken = re.sub(r"^  #RRDOptions", "  RRDOptions", OUR_BLOCKS, flags=re.MULTILINE)
    with_lines = {name for name, block in blocks(taken).items() if len(block.get("RRDOptions", [])) == 3}
    assert with_lines == {"current_connections", "file_size", "health", "latency", "queue_length", "response_time"}
    (tmp_path / "mcp_hub.conf").write_text(taken)
    with Collection3(tmp_path / "site", data, ours=tmp_path / "mcp_hub.conf") as site:
        for type_, instance in (("latency", "llm_p95"), ("queue_length", "llm")):
            seen = colours(site.graph(**query(data / history.HOST / "mcp_hub-prod" / f"{type_}-{instance}.rrd")))
            assert {"ffb000", "f00000"} <= seen.keys()
