# SPDX-License-Identifier: MIT
"""What the documents show is what happens: commands as they are typed, outputs as they come, configuration as it is."""
import json
import os
import re
import shutil
import subprocess

import pytest

from daemon import BUILD, HOST, SANITIZERS, SHIPPED_RULES, SOURCE, alerts_block, quote
from documents import DOCUMENTS, block, dialogue, fenced, shape

README = (SOURCE / "README.md").read_text()
ALERTS = (SOURCE / "docs" / "alerts.md").read_text()
MIGRATION = (SOURCE / "docs" / "migration.md").read_text()
BUILT_IN = {"hub_down": "critical", "all_servers_down": "critical", "server_dead": "warning", "server_down": "warning"}


def section(text, title):
    """What stands under a heading, down to the next of its rank."""
    rank, rest = re.search(rf"^(#+) {re.escape(title)}\n(.*)", text, re.MULTILINE | re.DOTALL).groups()
    return re.split(rf"^#{{1,{len(rank)}}} ", rest, flags=re.MULTILINE)[0]


def names(text):
    """Rules and thresholds: the backticked words of a table's cells."""
    return set(re.findall(r"`([a-z0-9_]+)`", text))


def test_every_block_has_a_name_of_its_own_and_a_test():
    found = [name for name, _ in fenced()]
    tests = "".join(path.read_text() for path in (SOURCE / "tests").rglob("*.py"))
    assert all(found) and len(found) == len(set(found)), found
    assert [name for name in found if f'block("{name}")' not in tests] == []


def test_links_lead_somewhere():
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
            file, _, anchor = target.partition("#")
            if file.startswith("https:"):
                continue
            there = (path.parent / file).resolve() if file else path
            assert there.is_file(), (path, target)
            headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE) if anchor else ()
            assert not anchor or anchor in {re.sub(r"[^\w-]", "", h.lower().replace(" ", "-")) for h in headings}, target


def test_quickstart_says_what_the_readme_says_of_it():
    said = subprocess.check_output([SOURCE / "quickstart", "--help"], text=True)
    for line in block("try").splitlines():
        assert line.split("#")[0].strip() + " " in said


def test_the_package_is_built_as_in_the_readme():
    """./quickstart package does so, installs it in a root of its own and sees it work."""
    suite = (SOURCE / "tests" / "package" / "run").read_text()
    commands = block("package").splitlines()
    assert "dpkg-buildpackage -b -us -uc" in commands and "dpkg-buildpackage -b -us -uc\n" in suite


# ---- installing ----

@pytest.fixture
def room(tmp_path):
    """A folder for what is large: the last runs' ones are not kept."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.deep
@pytest.mark.skipif(SANITIZERS, reason="the same commands, whatever this build is for")
def test_the_installation_from_source_puts_everything_where_the_readme_says(room):
    """As typed, but that apt-get and systemctl only note what they were asked for, and that DESTDIR is set."""
    shutil.copytree(SOURCE, room / "source", symlinks=True,
                    ignore=shutil.ignore_patterns(".git", "build", "autom4te.cache", "*.pcap"))
    (room / "bin").mkdir()
    for name in ("apt-get", "systemctl"):
        (room / "bin" / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{room}/asked\n')
        (room / "bin" / name).chmod(0o755)
    root = room / "root"
    made = subprocess.run(["sh", "-e", "-c", block("source")], cwd=room / "source", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={
                              **{k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"},
                              "PATH": f"{room / 'bin'}:{os.environ['PATH']}", "DESTDIR": str(root),
                              "CFLAGS": "-O0", "MAKEFLAGS": "-j2", "LC_ALL": "C"})
    assert made.returncode == 0, made.stdout[-4000:]
    install, restart = (room / "asked").read_text().splitlines()
    assert restart == "systemctl restart collectd"
    quickstart = (SOURCE / "quickstart").read_text()
    assert [name for name in install.split()[2:] if not re.search(rf"[ (|'\n]{name}[ |')\n]", quickstart)] == []
    for path in re.findall(r"`(/[^`]+)`", section(README, "Install").split("| what | where |")[1].split("\n\n")[0]):
        assert (root / path[1:]).exists(), path
    assert {path.name for path in root.glob("usr/bin/*")} == {"mcphubctl"}
    assert {path.name for path in root.glob("usr/lib/collectd/*")} == {"mcp_hub.so", "mcp_hub_alerts.so"}
    for page in re.findall(r"`([\w.-]+)\((\d)\)`", section(README, "Install")):
        assert (root / "usr/share/man/man{1}/{0}.{1}".format(*page)).is_file(), page
    assert (root / re.search(r"path: /(\S+)", block("provisioning"))[1] / "hub.json").is_file()


@pytest.mark.parametrize("name", ["least", "options", "alertmanager"])
def test_configuration_that_is_shown_is_taken(collectd, name):
    text = {"least": lambda: block("least"), "options": lambda: block("options"),
            "alertmanager": lambda: f'LoadPlugin mcp_hub_alerts\n<Plugin mcp_hub_alerts>\n{block("alertmanager")}</Plugin>',
            }[name]()
    text = re.sub(r"^ *Rules .*\n", "", text, flags=re.MULTILINE).replace("https://hooks.slack.com", "http://127.0.0.1:1")
    with collectd(f"{text}\n" + alerts_block(SHIPPED_RULES), plugins=[], recorder=False) as daemon:
        daemon.wait_log("Initialization complete")
        assert not daemon.lines("Initialization of plugin .* failed|expected|Unknown")


# ---- the first look ----

def sample(hub, folder):
    """What is installed as mcp_hub.conf, of that hub."""
    text = (SOURCE / "collectd.conf.d" / "mcp_hub.conf").read_text()
    for line, ours in (('<Hub "local">', '<Hub "prod">'), ('URL "http://127.0.0.1:37373"', f'URL "{hub.url}"'),
                       ("#Interval 10", "Interval 5"), ("#Timeout 5", "Timeout 5"),
                       ('#Process "auto"', 'Process "none"'),
                       ('#Rules "/etc/collectd/alerts.json"', f'Rules "{SHIPPED_RULES}"'),
                       ('#StateFile "/var/lib/collectd/mcp_hub_alerts.state"', f"StateFile {quote(folder / 'state')}")):
        assert line in text
        text = text.replace(line, ours)
    return text


def firing(status):
    return {a["rule"] for a in json.loads(status.read_text())["alerts"] if a["status"] == "firing"} \
        if status.exists() else set()


def test_the_first_look_is_what_the_readme_shows(sim, collectd, tmp_path):
    hub = sim.hub("prod", shape="documented", servers=["filesystem", "github", "postgres"])
    hub.llm.call(success=97, failed=3, latency=800)
    hub.cache.ask(hits=90, misses=10)
    hub.breaker.open()
    with collectd(sample(hub, tmp_path), plugins=[], host="hub-1") as daemon:
        daemon.wait_reads(2, "prod")
        hub.server("github").kill()
        hub.clock.advance(3)
        daemon.wait_until(lambda: firing(tmp_path / "status.json") >= {"server_dead", "circuit_breaker_state"}, "alerts")
        (tmp_path / "mcphubctl").write_text(
            f'#!/bin/sh\nexec {BUILD}/mcphubctl -s {daemon.socket} -S {tmp_path}/status.json "$@"\n')
        (tmp_path / "mcphubctl").chmod(0o755)
        shown = dialogue(block("look"))
        assert [command for command, _ in shown] == ["mcphubctl status", "mcphubctl check"]
        for command, output in shown:
            said = subprocess.run(command.split(), capture_output=True, text=True, env={
                **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"})
            assert shape(said.stdout) == shape(output), said.stdout + said.stderr
            assert said.returncode == (2 if "check" in command else 0)


# ---- what is wrong ----

def test_every_message_that_is_explained_is_one_that_is_said():
    shown = set(re.findall(r"^\| `([^`]+…[^`]*)`", section(README, "When something is wrong"), re.MULTILINE))
    causes = {f"{cause}: …" for cause in re.findall(r"`errors-(\w+)`", section(README, "Values"))}
    assert len(causes) == 6 and causes <= shown  # that each is said so: test_bad_hubs.py, test_modules.py
    ours = "".join(path.read_text() for path in (SOURCE / "src").rglob("*.c")).replace('"\n', "")
    for message in shown - causes - {"Initialization of plugin … failed", 'webhook "…": …'}:
        for part in filter(None, map(str.strip, message.split("…"))):
            assert part in ours, message


# ---- rules ----

@pytest.mark.parametrize("text", [block("short-rules"), block("own-rules"), block("functions")], ids=range(3))
def test_rules_that_are_shown_are_valid(tmp_path, text):
    (tmp_path / "alerts.json").write_text(text)
    subprocess.run([BUILD / "mcphubctl", "rules", "check", tmp_path / "alerts.json"], check=True)


def shipped():
    """{rule: {level: threshold}} of the installed alerts.json, with those built in."""
    made = json.loads(SHIPPED_RULES.read_text())
    rules = {name: {level: None} for name, level in BUILT_IN.items()}
    for level in ("critical", "warning", "info"):
        for name, threshold in made[level].items():
            rules.setdefault(name, {})[level] = threshold
    for rule in made["rules"]:
        levels = {level: rule.get(level) for level in ("critical", "warning", "info") if level in (*rule, rule.get("severity"))}
        rules.setdefault(rule["name"], {}).update(levels)
    return rules


def table(text):
    """[[cell, ...], ...] of its rows."""
    return [re.split(r" *\| *", row)[1:-1] for row in text.splitlines() if row.startswith("| ")]


def test_the_table_of_installed_rules_has_them_all_with_their_levels():
    listed = {name: set(filter(None, row[1].split(", "))) for row in table(section(ALERTS, "The rules that are installed"))
              for name in names(row[0])}
    made = {name: set(levels) for name, levels in shipped().items()}
    assert listed == made


def test_what_alarms_is_every_rule_that_warns():
    loud = {name for name, levels in shipped().items() if {"critical", "warning"} & set(levels)}
    rows = table(section(README, "What alarms"))[1:]
    assert set().union(*(names(row[3]) for row in rows)) == loud - {"hub_silent"}  # switched off


def figure(rule, threshold):
    """A threshold in the unit that the documents speak."""
    if isinstance(threshold, str):
        return threshold
    if rule in ("llm_success_rate", "cache_hit_rate"):
        return f"{threshold * 100:g}"
    return f"{threshold / 1000:g}" if rule.endswith("_latency") else f"{threshold:g}"


@pytest.mark.parametrize("text, rules, columns", [
    (section(README, "What alarms"), 3, {"critical": 1, "warning": 2}),
    (section(MIGRATION, "Thresholds"), 3, {"critical": 1, "warning": 2}),
    (section(ALERTS, "The rules that are installed"), 0, {"critical": 2, "warning": 2}),
], ids=["README", "migration", "alerts"])
def test_thresholds_that_are_shown_are_those_that_are_installed(text, rules, columns):
    made = json.loads(SHIPPED_RULES.read_text())
    for row in table(text)[1:]:
        for level, column in columns.items():
            for name in names(row[rules]) & set(made[level]):
                assert re.search(rf"(?<![\d.]){re.escape(figure(name, made[level][name]))}(?![\d.])", row[column]), (row, name)


def test_every_threshold_of_the_scripts_has_its_rule():
    rows = table(section(MIGRATION, "Thresholds"))[1:]
    listed = set().union(*(names(row[3]) for row in rows))
    assert listed <= set(shipped())
    assert listed >= set(json.loads(SHIPPED_RULES.read_text())["warning"]) | BUILT_IN.keys() - {"server_dead"} | {
        "memory_leak", "llm_error_rate", "llm_slow"}


# ---- what else is said of the documents' own ----

def test_the_keys_and_functions_of_rules_are_those_of_the_code():
    tables = section(ALERTS, "alerts.json").split("\n\n")
    documented = {head: set().union(*(names(row.split(" | ")[0]) for row in rows.splitlines()[2:]))
                  for rows in tables for head in ("key", "function") if rows.startswith(f"| {head} |")}
    coded = {key: bounds for key, _, bounds, *_ in
             (line.split("\t") for line in (SOURCE / "man" / "rule.options").read_text().splitlines())}
    assert documented == {"key": set(coded), "function": set(coded["function"].split("|"))}


BOUNDS = {  # in SECURITY.md
    "64 KiB of headers": "MAX_HEADERS", "512 levels": "JSON_STREAM_MAX_DEPTH", "2 MiB of text": "API_PARSER_MAX_TEXT",
    "32,768 processes": "PROCESS_TABLE_MAX", "32 KiB of a command line": "CMDLINE_MAX",
    "1 MiB of a hub's configuration": "SERVER_CONFIG_MAX", "4 MiB of log a read": "LOG_TAIL_READ_MAX",
    "64 KiB of a line": "LOG_TAIL_LINE_MAX", "4 MiB a read": "LOG_TAIL_READ_MAX", "200,000 series": "MAX_SERIES",
    "100,000 alerts": "MAX_ALERTS", "4,096 hubs": "HUB_STATS_TABLE_MAX", "64 KiB of an answer": "MAX_ANSWER",
    "1,000 notices": "WEBHOOK_MAX_WAITING", "60 s": "LOOKUP_OUTLIVES", "4 MiB, 10,000 rules": "RULESET_MAX_BYTES",
    "10,000 rules": "RULESET_MAX_RULES", "1,000 silences": "RULESET_MAX_SILENCES",
    "1,024 bytes": "REGEX_TEXT_MAX", "100 groups": "GROUPS_MAX", "64 KiB when compiled": "REGEX_COMPILED_MAX",
    "100,000 steps": "REGEX_STEPS_MAX", "1,000 each": "REGEX_STEPS_OVERDRAWN"}


@pytest.mark.parametrize("shown", BOUNDS)
def test_bounds_are_those_of_the_code(shown):
    assert shown in " ".join((SOURCE / "SECURITY.md").read_text().split())
    code = "".join(path.read_text() for path in (SOURCE / "src").rglob("*.[ch]"))
    values = {eval(re.sub(r"\(size_t\)|(?<=\d)[UL]+", "", text), {})  # 4U << 20
              for text in re.findall(rf"^#define {BOUNDS[shown]} (.*?)(?: *//?\*.*)?$", code, re.MULTILINE)}
    number, unit = re.match(r"([\d,]+) (KiB|MiB)?", shown).groups()
    assert values == {int(number.replace(",", "")) * {"KiB": 1 << 10, "MiB": 1 << 20, None: 1}[unit]}
