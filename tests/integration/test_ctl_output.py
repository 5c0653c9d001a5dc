# SPDX-License-Identifier: MIT
"""mcphubctl whose output does not arrive: a full disk, a pipe that nobody reads, no stdout at all. And what it
says to a person who does not know the command yet."""
import json
import os
import subprocess

import pytest

from daemon import TIMEOUT, hub_block
from test_ctl import COMMANDS, CTL, ENVIRONMENT, UNKNOWN, alert, ctl, scored, with_status, write_status


def files(folder):
    """A status.json with an alert, rules, and a recording."""
    write_status(folder / "status.json", alert(level="critical"), hubs=[scored()])
    rule = {"name": "high", "metric": "*/csv/gauge-value", "op": ">", "warning": 1}
    (folder / "alerts.json").write_text(json.dumps({"rules": [rule]}))
    (folder / "data.csv").write_text("timestamp,value\n2024-01-01 00:00:00,1\n2024-01-01 00:05:00,2\n")
    (folder / "types.db").write_text("gauge value:GAUGE:U:U\n")


FORMS = {
    "help": ["--help"], "version": ["--version"], "nothing": [], "rules": ["rules"],
    **{f"{command} --help": [*command.split(), "--help"] for command in COMMANDS},
    **{f"{name}{' --json' * with_json}": [*args, *["--json"] * with_json]
       for with_json in (False, True)
       for name, args in {
           "check": ["-S", "status.json", "check"],
           "summary": ["-S", "status.json", "summary"],
           "rules check": ["rules", "check", "alerts.json"],
           "rules replay": ["rules", "replay", "alerts.json", "--csv", "data.csv", "-T", "types.db"],
           "scores": ["rules", "replay", "--scores", "--csv", "data.csv"]}.items()},
}
LIVE = {"status": ["status"], "status --json": ["status", "--json"], "watch": ["watch"], "watch --json": ["watch", "--json"],
        "baseline": ["baseline", "-d", "0.1"], "baseline --json": ["baseline", "-d", "0.1", "--json"],
        "test-notification": ["test-notification", "info"],
        "test-notification --json": ["test-notification", "info", "--json"]}


def run_into(folder, args, output):
    """Its exit status and stderr, with that for its stdout."""
    closed = ["sh", "-c", 'exec "$@" >&-', "sh"] if output == "none" else []
    options = {"env": ENVIRONMENT, "cwd": folder, "stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True,
               "timeout": TIMEOUT}
    if output == "pipe":
        reader, writer = os.pipe()
        os.close(reader)
        try:
            return subprocess.run([CTL, *map(str, args)], stdout=writer, **options)
        finally:
            os.close(writer)
    with open("/dev/full", "w", encoding="utf-8") as full:
        return subprocess.run([*closed, CTL, *map(str, args)], stdout=full, **options)


REASONS = {"full": "cannot write the output: No space left on device", "pipe": "cannot write the output: Broken pipe",
           "none": "cannot write the output: stdout is closed"}


@pytest.mark.parametrize("output", REASONS)
@pytest.mark.parametrize("form", FORMS)
def test_output_that_does_not_arrive_is_exit_3_with_the_reason(tmp_path, form, output):
    files(tmp_path)
    ran = run_into(tmp_path, FORMS[form], output)
    assert ran.returncode == UNKNOWN and REASONS[output] in ran.stderr, ran.stderr


@pytest.mark.parametrize("output", REASONS)
def test_what_asks_collectd_says_so_too(collectd, sim, tmp_path, output):
    files(tmp_path)
    config = with_status(tmp_path, {}, hub_block("lab", sim.hub("lab").url))
    with collectd(config) as daemon:
        daemon.wait_value("mcp_hub-lab/bool-up", lambda up: up == 1)
        for name, args in LIVE.items():
            ran = run_into(tmp_path, ["-s", daemon.socket, *args], output)
            assert ran.returncode == UNKNOWN and REASONS[output] in ran.stderr, (name, ran.stderr)


def test_an_output_that_is_cut_midway_ends_the_work(tmp_path):
    files(tmp_path)
    rows = "".join(f"{1700000000 + 300 * i},{i % 7}\n" for i in range(200000))
    (tmp_path / "data.csv").write_text("timestamp,value\n" + rows)
    with subprocess.Popen([CTL, *FORMS["scores"]], env=ENVIRONMENT, cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as ran:
        assert ran.stdout.readline() == "timestamp,score\n"
        ran.stdout.close()
        assert ran.wait(TIMEOUT) == UNKNOWN and REASONS["pipe"] in ran.stderr.read()


# ---- help ----

def test_rules_without_a_word_and_its_help_list_the_commands_of_rules():
    asked = ctl("rules", "--help")
    ran = subprocess.run([CTL, "rules"], env=ENVIRONMENT, capture_output=True, text=True)
    assert ran.returncode == UNKNOWN and ran.stdout == asked
    for command in COMMANDS:
        assert (f"  {command} " in asked) == command.startswith("rules ")
    assert "mcphubctl rules COMMAND --help says more" in asked


def test_an_unknown_word_of_rules_names_the_help_of_rules():
    assert "unknown command: rules chek\n  mcphubctl rules --help tells more" in ctl("rules", "chek", status=UNKNOWN)
    assert "unknown command: stats\n" in ctl("stats", status=UNKNOWN)
    said = json.loads(subprocess.run([CTL, "rules", "chek", "--json"], env=ENVIRONMENT, capture_output=True).stdout)
    assert "rules chek" in said["error"]


def test_replay_without_a_types_file_names_the_option(tmp_path):
    files(tmp_path)
    said = ctl("rules", "replay", tmp_path / "alerts.json", "--csv", tmp_path / "data.csv", "-T", tmp_path / "none",
               status=UNKNOWN)
    assert "none: No such file or directory" in said and "mcphubctl -T FILE" in said
