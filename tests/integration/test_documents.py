# SPDX-License-Identifier: MIT
"""The documents tell the truth: options, values and types are those of the code."""

import fnmatch
import json
import re
import subprocess
from dataclasses import dataclass

import pytest
from daemon import BUILD, DEPLOYED_RULES, SHIPPED_RULES, SOURCE as TOP, alerts_block, hub_block, hubs_block

README = (TOP / "README.md").read_text()
SAMPLE = (TOP / "collectd.conf.d" / "mcp_hub.conf").read_text()
MAN_RULES = BUILD / "man" / "alerts.json.5"
MANUALS = (TOP / "man" / "mcphubctl.1", MAN_RULES,
           BUILD / "man" / "collectd-mcp_hub.5", BUILD / "man" / "collectd-mcp_hub_alerts.5")


def documented_row(key, kind, bounds, default, text):
    """The README's row of an option, from the table in the code."""
    bounds = bounds.replace("|", "\\|")
    kind = kind if bounds == "-" else f"{kind}, {bounds}"
    default = "none" if default == "-" else default
    default = default.replace("SYSCONFDIR", "`SYSCONFDIR`")
    return f"| `{key}` | {kind} | {default} | {text} |"


def rows_of(kind, names):
    """The rows of tables of the code; make check-tables compares them with the code."""
    lines = [(TOP / "man" / f"{name}.{kind}").read_text() for name in names]
    return [line.split("\t") for line in "".join(lines).splitlines()]


def coded_options(*blocks):
    return rows_of("options", blocks or ("hub", "alerts", "webhook"))


@dataclass(frozen=True)
class Value:
    """A row of the table of values, src/metrics/metric_table.def."""
    plugin: str
    type: str
    instance: str
    kind: str
    unit: str
    worst: str
    source: str
    label: str
    help: str
    states: str

    @property
    def identity(self):
        return f"{self.type}-{self.instance}" if self.instance else self.type

    @property
    def words(self):
        """Of a state, in the order of their numbers."""
        return [word.split(" ", 1)[1] for word in self.states.split(", ")] if self.states else []


def coded_values(*tables):
    return [Value(*row) for row in rows_of("values", tables or ("hub", "alerts", "alerts_own"))]


def documented_values(table):
    """The README's form of a table: values that share a text stand in one row."""
    rows = []
    for value in coded_values(table):
        if value.help:
            rows.append((value, []))
        rows[-1][1].append(value.identity)
    hub = table == "hub"
    columns = ["identity", "unit", *["from"] * hub, "what"]
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    for value, identities in rows:
        unit = value.unit if value.kind != "derive" else {"number": "counter"}.get(value.unit, f"{value.unit}, counter")
        source = [{"api": "API", "process": "`/proc`"}.get(value.source, value.source)] * hub
        states = f"{value.states}; " if value.states and value.type != "bool" else ""
        cells = [", ".join(f"`{name}`" for name in identities), unit, *source, states + value.help]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def section(manual, title):
    """The lines of a section of a manual page."""
    return manual.read_text().split(f"\n.Sh {title}\n")[1].split("\n.Sh ")[0] + "\n"


def items(text, macro):
    """What a list of a manual page is about: .It Sy a , b -> a, b."""
    found = []
    for line in re.findall(rf"^\.It {macro} (.+)$", text, re.MULTILINE):
        for name in re.split(r" , (?:Sy )?", line):
            found.append(name.replace(" Ns Ar server", "<server>"))
    assert len(found) == len(set(found))
    return found


def examples(text):
    return re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", text, re.MULTILINE | re.DOTALL)


def expected_names(tmp_path, rule):
    """Those that the validator lists when a rule has a wrong one."""
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"rules": [{"name": "r", "metric": "*/*/*", **rule}]}))
    said = subprocess.run([BUILD / "mcphubctl", "rules", "check", path], capture_output=True, text=True)
    assert said.returncode == 2
    return said.stderr.split("expected one of ")[1]


def documented_identities():
    return {value.identity for value in coded_values("hub")}


def test_every_option_stands_in_the_readme_as_in_the_code():
    for option in coded_options():
        assert documented_row(*option) in README


def test_every_option_stands_in_the_sample_configuration():
    for key, *_ in coded_options():
        assert re.search(rf"^\s*#?\s*<?{key}\b", SAMPLE, re.MULTILINE), key


def test_the_table_of_values_lists_all_that_a_hub_gives_and_no_more(sim, collectd, tmp_path):
    with sim.hub(shape="documented", servers=["a"]) as hub:
        hub.llm.call(success=90, failed=10, latency=800)
        hub.cache.ask(hits=50, misses=50)
        log = tmp_path / "hub.log"
        log.write_text('{"level":"info","msg":"ready"}\n')
        block = hub_block("doc", hub.url, LogFile=log)
        with collectd(hubs_block(block), plugins=["mcp_hub"]) as daemon:
            daemon.wait_reads(1, "doc")
            hub.llm.call(success=15, failed=5)
            hub.cache.ask(hits=15, misses=5)
            read = daemon.wait_reads(3, "doc")[2]
    given = {re.sub("-a$", "-<server>", identity) for identity in read}
    only_elsewhere = {  # the scripts' shape, fractions without counters, a hub of this machine (test_process.py)
        "latency-llm_p50", "total_operations-queue_processed", "cache_ratio-category",
        "ps_rss-hub", "ps_cputime-hub", "percent-cpu", "percent-memory", "threads-hub", "file_handles-hub",
        "ps_rss-<server>", "ps_cputime-<server>"}
    assert documented_identities() - only_elsewhere - given == set()
    assert given - documented_identities() == set()


@pytest.mark.parametrize("table", ("hub", "alerts", "alerts_own"))
def test_the_readme_has_the_table_of_values(table):
    assert [line for line in documented_values(table).splitlines() if line not in README.splitlines()] == []


def test_every_shipped_rule_looks_at_a_value_of_the_table():
    values = [f"host/mcp_hub-prod/{identity.replace('<server>', 'any')}" for identity in documented_identities()]
    for rule in json.loads(SHIPPED_RULES.read_text())["rules"]:
        assert "metric" not in rule or fnmatch.filter(values, rule["metric"]), rule["name"]


def test_manual_pages_are_without_faults():
    for manual in MANUALS:
        said = subprocess.run(["groff", "-mdoc", "-ww", "-z", "-Kutf8", manual], capture_output=True, text=True)
        assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("table, page, title, number", (
    ("hub", "collectd-mcp_hub.5", "CONFIGURATION", 0),
    ("alerts", "collectd-mcp_hub_alerts.5", "CONFIGURATION", 0),
    ("webhook", "collectd-mcp_hub_alerts.5", "CONFIGURATION", 1),
    ("ruleset", "alerts.json.5", "DESCRIPTION", 0), ("rule", "alerts.json.5", "RULES", 0),
    ("silence", "alerts.json.5", "SILENCES", 0), ("setting", "alerts.json.5", "SETTINGS", 0)))
def test_every_option_and_key_stands_in_its_manual_page_with_range_and_default(table, page, title, number):
    text = section(BUILD / "man" / page, title)
    documented = re.findall(r"^\.Bl -tag.*?^\.El$", text, re.MULTILINE | re.DOTALL)[number]
    entries = dict(re.findall(r"^\.It Cm (\S+) (.*?)(?=^\.It|^\.El)", documented, re.MULTILINE | re.DOTALL))
    assert list(entries) == [key for key, *_ in coded_options(table)]
    for key, kind, bounds, default, text in coded_options(table):
        entry = " ".join(entries[key].split())
        assert text in entry
        wanted = {"-": "no default.", "required": "required."}.get(default, f"default: {default}.")
        pattern = re.escape(wanted).replace("SYSCONFDIR", r"/\S*")
        assert re.search(pattern + "$", entry, re.IGNORECASE)
        if kind == "choice":
            assert entry.startswith("Cm " + bounds.replace("|", " | "))
        elif bounds != "-":
            assert f"From {bounds}" in entry


def test_the_manual_page_has_the_values_of_the_readme():
    values = items(section(BUILD / "man" / "collectd-mcp_hub.5", "VALUES"), "Sy")
    assert set(values) == documented_identities()


def test_the_manual_page_has_every_named_threshold_and_built_in_rule():
    coded = re.findall(r'\.name = "(\w+)"', (TOP / "src" / "rules" / "builtin_rules.c").read_text())
    assert sorted(items(section(MAN_RULES, "NAMED THRESHOLDS"), "Sy")) == sorted(coded)


def test_the_manual_page_has_every_function_and_every_name_for_messages(tmp_path):
    functions = expected_names(tmp_path, {"function": "none"})
    assert items(section(MAN_RULES, "FUNCTIONS"), "Cm") == re.findall(r"\w+", functions)
    names = expected_names(tmp_path, {"op": ">", "warning": 1, "message": "{none}"})
    assert set(items(section(MAN_RULES, "MESSAGES"), "Ql")) == set(re.findall(r"\{\w+\}", names))


@pytest.mark.parametrize("number", range(2))
def test_examples_of_rules_are_valid(tmp_path, number):
    rules = tmp_path / "alerts.json"
    rules.write_text(examples(section(MAN_RULES, "EXAMPLES"))[number])
    subprocess.run([BUILD / "mcphubctl", "rules", "check", rules], check=True)
    if number == 0:
        assert json.loads(rules.read_text()) == json.loads(DEPLOYED_RULES.read_text())


def test_the_diagnostic_in_the_manual_page_is_what_is_said(tmp_path):
    names = ["server_down", "hub_down", "server_dead", "all_servers_down"]
    rules = tmp_path / "alerts.json"
    rules.write_text("\n" * 11 + json.dumps(
        {"rules": [{"name": name} for name in names[:3]] + [{"name": names[3], "for": "5x"}]}))
    said = subprocess.run([BUILD / "mcphubctl", "rules", "check", rules], capture_output=True, text=True)
    diagnostic = examples(section(MAN_RULES, "DIAGNOSTICS"))[0].strip()
    assert diagnostic.replace("line 12", "alerts.json:12") in said.stderr


@pytest.mark.parametrize("plugin", ("mcp_hub", "mcp_hub_alerts"))
def test_examples_of_configuration_load(collectd, tmp_path, plugin):
    manual = BUILD / "man" / f"collectd-{plugin}.5"
    for example in examples(section(manual, "SYNOPSIS")) + examples(section(manual, "EXAMPLES")):
        rules = f'Rules "{DEPLOYED_RULES}"'
        config = re.sub(r"^ *Rules .*\n", "", example, flags=re.MULTILINE).replace(f"LoadPlugin {plugin}\n", "")
        config = config.replace("<Plugin mcp_hub_alerts>", f"<Plugin mcp_hub_alerts>\n  {rules}")
        with collectd(config.replace("hub.example:8443", "127.0.0.1:1"), plugins=[plugin]) as daemon:
            daemon.wait_log("Initialization complete")
            assert not daemon.lines("Initialization of plugin .* failed|expected")


def test_the_diagnostic_of_a_wrong_option_is_what_is_said(collectd):
    diagnostic = examples(section(BUILD / "man" / "collectd-mcp_hub.5", "DIAGNOSTICS"))[0].strip()
    daemon = collectd(hubs_block(hub_block("prod", "http://127.0.0.1:1", Timeout="x")), plugins=["mcp_hub"])
    assert daemon.read_once() == 1
    assert daemon.lines(re.escape(diagnostic))


def test_the_manual_page_has_every_value_of_the_alerts(sim, collectd):
    documented = items(section(BUILD / "man" / "collectd-mcp_hub_alerts.5", "VALUES"), "Sy")
    with sim.hub() as hub:
        with collectd(hubs_block(hub_block("doc", hub.url)) + "\n" + alerts_block(DEPLOYED_RULES)) as daemon:
            daemon.wait_reads(3, "doc")
            daemon.wait_until(lambda: daemon.identities("mcp_hub_alerts"), "values of the alerts")
            given = daemon.identities("mcp_hub_alerts") | daemon.identities("mcp_hub_alerts-doc")
    assert sorted(name.split("/")[1] for name in given) == sorted(documented)
