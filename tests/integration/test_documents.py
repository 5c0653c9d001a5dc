"""The documents tell the truth: options, values and types are those of the code."""

import re
import subprocess

from daemon import BUILD, SOURCE as TOP, hub_block, hubs_block

README = (TOP / "README.md").read_text()
SAMPLE = (TOP / "collectd.conf.d" / "mcp_hub.conf").read_text()
SYSCONFDIR_RULES = "`SYSCONFDIR`/collectd/alerts.json"


def documented_row(key, kind, bounds, default, text):
    """The README's row of an option, from the table in the code."""
    bounds = bounds.replace("|", "\\|")
    kind = kind if bounds == "-" else f"{kind}, {bounds}"
    default = "none" if default == "-" else default
    if key == "Rules":
        default = SYSCONFDIR_RULES
    return f"| `{key}` | {kind} | {default} | {text} |"


def coded_options():
    lines = subprocess.check_output([BUILD / "tests/unit/print_options"], text=True)
    return [line.split("\t") for line in lines.splitlines()]


def documented_identities():
    """Identities of the README's table of values, abbreviations written out."""
    section = README.split("## Values")[1].split("\n## ")[0]
    names = set()
    for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        base = None
        for name in re.findall(r"`([^`]+)`", row):
            base = name.split("-")[0] if not name.startswith("-") else base
            names.add(name if not name.startswith("-") else base + name)
    return names


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


def test_every_type_of_ours_is_documented():
    types = re.findall(r"^(\w+)", (TOP / "types" / "mcp_hub.db").read_text(), re.MULTILINE)
    for name in types:
        assert name in README, name
