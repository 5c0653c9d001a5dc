# SPDX-License-Identifier: MIT
"""Grafana's dashboards: what is committed is generated, fits Grafana's own types, and leaves no value out."""
import json
import re
import subprocess
import sys

import pytest

import dashboards
from daemon import SHIPPED_RULES
from dashboards import FOLDER, NAMES, panels
from test_documents import coded_values, documented_identities

STORES = ("graphite", "influxdb", "prometheus")
KINDS = {"stat": "Stat", "bargauge": "BarGauge", "state-timeline": "StateTimeline", "timeseries": "TimeSeries"}
# Grafana's enums are strings in JSON.
HEAD = """
import type { Dashboard } from '@grafana/schema';
type Json<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
"""


def imported(name):
    return (f"import type * as {name} from "
            f"'@grafana/schema/dist/esm/raw/composable/{name.lower()}/panelcfg/x/{name}PanelCfg_types.gen';")


def constants():
    """Every dashboard, and what its panels' kinds say of options and fields."""
    for store in STORES:
        for name in NAMES:
            whole = dashboards.dashboard(store, name)
            yield "Dashboard", whole
            for panel in whole["panels"]:
                if panel["type"] != "row":
                    yield f"{KINDS[panel['type']]}.Options", panel["options"]
                if panel["type"] in ("state-timeline", "timeseries"):
                    yield f"{KINDS[panel['type']]}.FieldConfig", panel["fieldConfig"]["defaults"]["custom"]


def test_the_committed_dashboards_are_what_the_generator_gives(tmp_path):
    subprocess.run([sys.executable, "-B", FOLDER / "generate", tmp_path], check=True)
    made = {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*.json")}
    assert made == {file.relative_to(FOLDER): file.read_text() for file in FOLDER.rglob("*.json")}
    assert len(made) == len(STORES) * len(NAMES)


def test_grafanas_own_types_take_the_dashboards(npm, tmp_path):
    lines = [HEAD, *map(imported, KINDS.values())]
    lines += [f"export const checked{number}: Json<{type_}> = {json.dumps(value)};"
              for number, (type_, value) in enumerate(constants())]
    (tmp_path / "dashboards.ts").write_text("\n".join(lines))
    (tmp_path / "node_modules").symlink_to(npm / "node_modules")
    tsc = npm / "node_modules" / ".bin" / "tsc"
    done = subprocess.run([tsc, "--noEmit", "--strict", "--skipLibCheck", "--module", "esnext",
                           "--moduleResolution", "node", "dashboards.ts"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("store", STORES)
def test_every_documented_value_is_on_a_dashboard(store):
    """By the text of the queries: names and instances stand in them as README has them."""
    text = "\n".join(query for name in NAMES for _, query in dashboards.queries(store, name))
    absent = []
    for identity in documented_identities():
        kind, _, instance = identity.partition("-")
        words = [kind, instance] if instance and instance != "<server>" else [kind]
        if not any(all(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9_])|_{re.escape(word)}(?![a-z0-9])", line)
                       for word in words) for line in text.splitlines()):
            absent.append(identity)
    assert absent == []


def asked():
    """Each query of each panel with the rows of the table of values that it asks for."""
    rows = coded_values()
    for dashboard in panels.DASHBOARDS:
        for panel in dashboard.panels:
            for query in getattr(panel, "queries", ()):
                instances = query.instance if isinstance(query.instance, tuple) else (query.instance,)
                for instance in instances:
                    anyones = instance in (panels.EACH, panels.SERVER)
                    yield panel, query, instance, [
                        row for row in rows if (row.plugin, row.type) == (query.plugin, query.type)
                        and (row.instance == "<server>" if anyones else row.instance == instance)
                        and query.own == (row.source == "alerts_own")]


def test_every_query_is_of_a_value_of_its_kind_and_unit():
    shown = {"percent": {"percent"}, "seconds": {"s"}, "bytes": {"bytes"}, "number": {"none"}, "state": {"none"},
             "0 or 1": {"none"}}
    rates = {"number": {"cps", "reqps"}, "microseconds": {"percentunit"}}
    for panel, query, instance, rows in asked():
        assert len(rows) == 1, (panel.title, query)
        assert query.counter == (rows[0].kind == "derive"), (panel.title, query)
        assert panel.unit in (rates if query.counter else shown)[rows[0].unit], (panel.title, query)


@pytest.mark.parametrize("store", STORES)
def test_panels_do_not_overlap(store):
    for name in NAMES:
        panels = dashboards.dashboard(store, name)["panels"]
        cells = [(x, y) for p in panels for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
                 for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])]
        assert len(cells) == len(set(cells)) and all(x < 24 for x, _ in cells)
        assert len({p["id"] for p in panels}) == len(panels)


@pytest.mark.parametrize("store", STORES)
def test_the_shipped_thresholds_are_drawn_in_the_units_of_the_values(store):
    rules = json.loads(SHIPPED_RULES.read_text())

    def given(name, scale=1):
        return {round(rules[level][name] * scale, 9) for level in ("warning", "critical") if name in rules[level]}
    wanted = {"Success rate": given("llm_success_rate", 100), "Latency": given("p95_latency", 1e-3),
              "Hit rate": given("cache_hit_rate", 100), "Queue": given("queue_depth"), "CPU": given("cpu_percent"),
              "Memory": given("memory_mb", 2**20), "Memory, of the machine's": given("memory_percent"),
              "Clients": given("active_clients"), "Answers": given("api_response_time"),
              "Circuit breaker: failures in a row": given("circuit_breaker_failures"),
              "Errors among the last entries": given("error_count"), "Size": given("log_size_mb", 2**20)}
    drawn = {}
    for panel in dashboards.dashboard(store, "hub")["panels"]:
        defaults = panel.get("fieldConfig", {}).get("defaults", {})
        if defaults.get("custom", {}).get("thresholdsStyle", {}).get("mode") == "line":
            drawn[panel["title"]] = {step["value"] for step in defaults["thresholds"]["steps"]} - {None}
    assert drawn == wanted
