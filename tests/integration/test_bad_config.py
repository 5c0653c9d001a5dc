# SPDX-License-Identifier: MIT
"""A wrong option or a wrong alerts.json: said with its place, and collectd goes on without that plugin."""
import os
import re

import pytest

from daemon import BUILD, DEPLOYED_RULES, OURS, alerts_block, hub_block, hubs_block

SECRET = "hunter2-S3CRET"
HUB = '<Plugin mcp_hub>/<Hub "prod">'


def hub(*lines, name='"prod"'):
    return "\n".join(("<Plugin mcp_hub>", f"<Hub {name}>", *lines, "</Hub>", "</Plugin>"))


# what is configured -> the line of the log, from "mcp_hub: " on, as regular expression
WRONG_HUBS = {
    "timeout is a word": (hub('Timeout "x"'), HUB + r'/Timeout: "x": expected'),
    "timeout is negative": (hub("Timeout -1"), HUB + r'/Timeout: "?-1"?: expected'),
    "timeout is zero": (hub("Timeout 0"), HUB + r'/Timeout: "?0"?: expected'),
    "timeout is a truth": (hub("Timeout true"), HUB + r"/Timeout: .*: expected"),
    "timeout beyond interval": (hub("Interval 2", "Timeout 3"), HUB + r'/Timeout: "3": expected at most .*2 seconds'),
    "timeout beyond collectd's interval": (hub("Timeout 100"), HUB + r'/Timeout: "100": expected at most'),
    "interval is a word": (hub('Interval "soon"'), HUB + r'/Interval: "soon": expected'),
    "interval is zero": (hub("Interval 0"), HUB + r'/Interval: "?0"?: expected'),
    "calls below one": (hub("MinCalls 0"), HUB + r'/MinCalls: "?0"?: expected'),
    "size below a kilobyte": (hub("MaxBodySize 10"), HUB + r'/MaxBodySize: "?10"?: expected'),
    "size is not whole": (hub("MaxBodySize 4096.5"), HUB + r'/MaxBodySize: "?4096\.5"?: expected'),
    "number with unit": (hub('MaxBodySize "64M"'), HUB + r'/MaxBodySize: "64M": expected'),
    "verify is a word": (hub('VerifyPeer "maybe"'), HUB + r'/VerifyPeer: "maybe": expected'),
    "socket is relative": (hub('UnixSocket "run/hub.sock"'), HUB + r'/UnixSocket: "run/hub.sock": expected'),
    "host with slash": (hub('Host "a/b"'), HUB + r'/Host: "a/b": expected'),
    "url of another scheme": (hub('URL "ftp://127.0.0.1/"'), HUB + r"/URL: .*expected an http or https URL"),
    "url without scheme": (hub('URL "127.0.0.1:7000"'), HUB + r"/URL: .*expected"),
    "url is empty": (hub('URL ""'), HUB + r"/URL: .*expected"),
    "url is a number": (hub("URL 7000"), HUB + r"/URL: .*expected"),
    "url with port too high": (hub('URL "http://127.0.0.1:99999"'), HUB + r"/URL: .*expected"),
    "url with query": (hub('URL "http://127.0.0.1:7000/?a=1"'), HUB + r"/URL: .*expected"),
    "url with password": (hub(f'URL "http://u:{SECRET}@127.0.0.1:7000"'),
                          HUB + r"/URL: .*expected .*without a user name and password"),
    "unknown option": (hub("Tmeout 5"), HUB + r"/Tmeout: .*Timeout"),
    "option twice": (hub("Timeout 0.1", "Timeout 0.15"), HUB + r"/Timeout: .*(twice|once)"),
    "two values": (hub("Timeout 1 2"), HUB + r"/Timeout: .*expected"),
    "block in a hub": (hub("<Server>", "Name 1", "</Server>"), HUB + r"/Server: "),
    "option as block": (hub("<Timeout 1>", "Name 1", "</Timeout>"), HUB + r"/Timeout: .*expected"),
    "password without user": (hub(f'Password "{SECRET}"'), HUB + r".*Password.*expected a User"),
    "password is a number": (hub('User "u"', "Password 31415926535"), HUB + r"/Password: .*expected"),
    "user and token": (hub('User "u"', 'BearerTokenFile "/etc/hostname"'), HUB + r".*BearerTokenFile.*"),
    "header without colon": (hub(f'Header "{SECRET}"'), HUB + r".*Header.*expected"),
    "ca is missing": (hub('CACert "/nonexistent/ca.pem"'), HUB + r".*CACert.*/nonexistent/ca.pem.*expected"),
    "key without certificate": (hub('ClientKey "/etc/hostname"'), HUB + r".*ClientKey.*expected a ClientCert"),
    "hub without name": (hub("Timeout 0.2", name=""), r"<Plugin mcp_hub>/.*Hub.*expected"),
    "hub of two names": (hub(name='"a" "b"'), r"<Plugin mcp_hub>/.*Hub.*expected"),
    "hub name with slash": (hub(name='"a/b"'), r'<Plugin mcp_hub>/.*Hub.*"a/b".*expected'),
    "hub name is empty": (hub(name='""'), r"<Plugin mcp_hub>/.*Hub.*expected"),
    "hub name too long": (hub(name='"' + "x" * 200 + '"'), r"<Plugin mcp_hub>/.*Hub.*expected"),
    "two hubs of one name": ("<Plugin mcp_hub>\n<Hub a>\n</Hub>\n<Hub a>\n</Hub>\n</Plugin>",
                             r'<Plugin mcp_hub>/<Hub "a">: this name is taken: expected'),
    "unknown block": ("<Plugin mcp_hub>\n<Hbu a>\n</Hbu>\n</Plugin>", r"<Plugin mcp_hub>/Hbu: unknown option.*Hub"),
    "option beside the hubs": ('<Plugin mcp_hub>\nURL "http://127.0.0.1:1"\n</Plugin>',
                               r"<Plugin mcp_hub>/URL: unknown option.*Hub"),
}


def alerts(*lines):
    return "\n".join(("<Plugin mcp_hub_alerts>", *lines, "</Plugin>"))


WEBHOOK = '<Plugin mcp_hub_alerts>/<Webhook "ops">'


def webhook(*lines, name="ops", url="http://127.0.0.1:9/"):
    """A block that names the deployed rules: nothing else is wrong."""
    address = [f'URL "{url}"'] if url else []
    return alerts(f'Rules "{DEPLOYED_RULES}"', f"<Webhook {name}>", *address, *lines, "</Webhook>")


WRONG_ALERTS = {
    "rules are relative": (alerts('Rules "alerts.json"'), r'<Plugin mcp_hub_alerts>/Rules: "alerts.json": expected'),
    "rules are a number": (alerts("Rules 5"), r"<Plugin mcp_hub_alerts>/Rules: .*expected"),
    "rules twice": (alerts('Rules "/a"', 'Rules "/b"'), r"<Plugin mcp_hub_alerts>/Rules: .*(twice|once)"),
    "unknown option": (alerts('Rule "/etc/alerts.json"'), r"<Plugin mcp_hub_alerts>/Rule: .*Rules"),
    "unknown block": (alerts("<Webhok ops>", "</Webhok>"), r"<Plugin mcp_hub_alerts>/Webhok: .*Webhook"),
    "webhook without url": (webhook('Format "slack"', url=None), WEBHOOK + "/URL: missing: expected a URL"),
    "webhook of another scheme": (webhook(url=f"ftp://127.0.0.1/{SECRET}"),
                                  WEBHOOK + "/URL: expected an http or https URL"),
    "webhook with password in the url": (webhook(url=f"http://u:{SECRET}@127.0.0.1/"),
                                         WEBHOOK + "/URL: expected a URL without a user name and password"),
    "webhook's url is a number": (webhook("URL 31415926535", url=None), WEBHOOK + "/URL: expected a URL$"),
    "webhook of unknown format": (webhook('Format "x"'),
                                  WEBHOOK + '/Format: "x": expected "slack", "json" or "alertmanager"'),
    "webhook from an unknown severity on": (webhook('MinSeverity "bad"'),
                                            WEBHOOK + '/MinSeverity: "bad": expected "info", "warning" or "critical"'),
    "webhook's timeout is zero": (webhook("Timeout 0"), WEBHOOK + "/Timeout: 0: expected a number of seconds between"),
    "webhook's unknown option": (webhook('Sevrity "warning"'), WEBHOOK + "/Sevrity: unknown option"),
    "webhook's header without colon": (webhook(f'Header "{SECRET}"'), WEBHOOK + ": Header: expected"),
    "webhook's ca is missing": (webhook('CACert "/nonexistent/ca.pem"'),
                                WEBHOOK + ': CACert: "/nonexistent/ca.pem": expected a readable file'),
    "webhook without name": (webhook(name=""), r"<Plugin mcp_hub_alerts>/<Webhook>: expected a name"),
    "two webhooks of one name": (alerts(*(["<Webhook ops>", 'URL "http://127.0.0.1/"', "</Webhook>"] * 2)),
                                 WEBHOOK + ": this name is taken"),
}


@pytest.fixture
def good(sim):
    """Configuration of both plugins that is right."""
    return {"mcp_hub": hubs_block(hub_block("good", sim.hub("good").url)),
            "mcp_hub_alerts": alerts_block(DEPLOYED_RULES)}


def refuses(collectd, config, pattern):
    """collectd -T says it and exits 1; returns all lines of the log."""
    daemon = collectd(config, recorder=False)
    assert daemon.read_once() == 1, daemon.told()
    assert daemon.lines(pattern), daemon.told()
    assert len(daemon.lines(pattern)) == 1, "said once"
    assert SECRET not in daemon.told()
    return daemon.log


@pytest.mark.parametrize("case", WRONG_HUBS)
def test_a_wrong_hub_is_said_with_its_place(collectd, good, case):
    config, pattern = WRONG_HUBS[case]
    refuses(collectd, config + "\n" + good["mcp_hub_alerts"], r"\[err.*mcp_hub: " + pattern)


def test_a_wrong_secret_is_not_shown(collectd, good):
    config = hub('User "u"', "Password 31415926535")
    log = refuses(collectd, config + "\n" + good["mcp_hub_alerts"], r"/Password: ")
    assert not [line for line in log if "31415926535" in line or "3.14" in line]


def test_every_wrong_option_is_said_not_only_the_first(collectd, good):
    log = refuses(collectd, hub('Timeout "x"', "MinCalls 0", "Tmeout 5") + "\n" + good["mcp_hub_alerts"],
                  r'/Timeout: "x"')
    assert [line for line in log if "/MinCalls" in line] and [line for line in log if "/Tmeout" in line]


@pytest.mark.parametrize("case", WRONG_ALERTS)
def test_a_wrong_option_of_the_alerts_is_said_with_its_place(collectd, good, case):
    config, pattern = WRONG_ALERTS[case]
    refuses(collectd, good["mcp_hub"] + "\n" + config, r"\[err.*mcp_hub_alerts: " + pattern)


# text of an alerts.json -> what is said behind its path
WRONG_RULES = {
    "empty": ("", r"line 1: .*"),
    "not json": ('{\n "critical": {\n  "llm_success_rate": 0.9,\n }\n}', r"line 4: not JSON"),
    "cut short": ('{ "critical": { "llm_success_rate"', r"line 1: not JSON"),
    "a list": ("[]", r"line 1: .*expected an object"),
    "unknown section": ('{\n "critcal": {}\n}', r'line 2: critcal: unknown key, did you mean "critical"'),
    "unknown name": ('{\n "critical": {\n  "llm_succes_rate": 0.9\n }\n}',
                     r'line 3: critical.llm_succes_rate: .*"llm_success_rate"'),
    "threshold is a word": ('{ "warning": {\n "p95_latency": "fast" } }',
                            r'line 2: warning.p95_latency: "fast": expected'),
    "rate as percentage": ('{ "critical": { "llm_success_rate": 90 } }',
                           r"line 1: critical.llm_success_rate: 90: expected a fraction between 0 and 1"),
    "negative": ('{ "warning": { "queue_depth": -1 } }', r"line 1: warning.queue_depth: -1: expected"),
    "breaker is ajar": ('{ "critical": { "circuit_breaker_state": "ajar" } }',
                        r'line 1: critical.circuit_breaker_state: "ajar": expected "half-open" or "open"'),
    "section is a number": ('{ "critical": 5 }', r"line 1: critical: 5: expected an object"),
    "rules are no list": ('{ "rules": {} }', r"line 1: rules: .*expected a list"),
    "rule without metric": ('{ "rules": [\n { "name": "x", "op": ">", "warning": 1 } ] }',
                            r"line 2: rules\[0\]: expected a \"metric\""),
    "rule without name": ('{ "rules": [ { "metric": "*/load/load" } ] }', r'line 1: rules\[0\]: expected a "name"'),
    "duration is a number": ('{ "rules": [ { "name": "server_down",\n "for": 120 } ] }',
                             r"line 2: rules\[0\].for: 120: expected"),
    "unknown operator": ('{ "rules": [ { "name": "x", "metric": "*/load/load",\n "op": "=>", "warning": 1 } ] }',
                         r'line 2: rules\[0\].op: "=>": expected'),
    "critical milder than warning": ('{ "critical": { "llm_success_rate": 0.95 },\n'
                                     ' "warning": { "llm_success_rate": 0.9 } }', r"line \d: .*expected"),
    "nul bytes": ("\0" * 100, r"line 1: not JSON"),
}


def refuses_rules(collectd, good, path, says):
    refuses(collectd, good["mcp_hub"] + "\n" + alerts_block(path),
            r"\[err.*mcp_hub_alerts: " + re.escape(str(path)) + ": " + says)


@pytest.mark.parametrize("case", WRONG_RULES)
def test_a_wrong_file_of_rules_is_said_with_its_line(collectd, good, tmp_path, case):
    text, says = WRONG_RULES[case]
    path = tmp_path / "alerts.json"
    path.write_text(text)
    refuses_rules(collectd, good, path, says)


def test_a_missing_file_of_rules_is_said(collectd, good, tmp_path):
    refuses_rules(collectd, good, tmp_path / "missing.json", "cannot be read: No such file or directory")


def test_a_directory_is_no_file_of_rules(collectd, good, tmp_path):
    refuses_rules(collectd, good, tmp_path, "expected a regular file")


def test_a_pipe_is_no_file_of_rules(collectd, good, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refuses_rules(collectd, good, tmp_path / "pipe", "expected a regular file")


def test_a_hundred_megabytes_are_no_file_of_rules(collectd, good, tmp_path):
    path = tmp_path / "alerts.json"
    with open(path, "wb") as file:
        file.write(b" ")
        file.truncate(100 << 20)
    refuses_rules(collectd, good, path, "larger than")


# the others go on

def test_right_configuration_passes(collectd, good):
    daemon = collectd("\n".join(good.values()), recorder=False)
    assert daemon.read_once() == 0, daemon.told()
    assert daemon.lines(r"\[(err|warn).*mcp_hub") == []


def test_without_the_hubs_alerts_and_collectd_go_on(collectd, good):
    daemon = collectd(hub('Timeout "x"') + "\n" + good["mcp_hub_alerts"]).start()
    daemon.wait_log(r'mcp_hub: .*Timeout: "x"')
    daemon.wait_value("uptime/uptime")
    assert daemon.wait_fresh("mcp_hub_alerts/bool-rules_current") == 1
    daemon.wait_fresh("mcp_hub_alerts/bool-rules_current")
    assert daemon.identities("mcp_hub-prod") | daemon.identities("mcp_hub-local") == set()
    daemon.stop(status=1)


@pytest.mark.parametrize("wrong", [alerts("Rules 5"), alerts_block("/nonexistent/alerts.json")])
def test_without_the_alerts_hubs_and_collectd_go_on(collectd, good, wrong):
    daemon = collectd(good["mcp_hub"] + "\n" + wrong).start()
    daemon.wait_log(r"mcp_hub_alerts: .*(expected|cannot be read)")
    daemon.wait_value("uptime/uptime")
    daemon.wait_value("mcp_hub-good/bool-up", lambda up: up == 1)
    daemon.wait_reads(2, "good")
    assert daemon.identities("mcp_hub_alerts") | daemon.identities("mcp_hub_alerts-good") == set()
    assert daemon.notifications == []
    daemon.stop(status=1)


# what needs no configuration

def test_without_configuration_the_local_hub_is_read(collectd):
    daemon = collectd(plugins=["mcp_hub"]).start()
    assert daemon.wait_value("mcp_hub-local/bool-up") in (0, 1)
    assert [hub for _, hub in daemon.rounds] == ["local"]


def test_our_types_need_no_line_in_collectds_configuration(collectd, good):
    daemon = collectd("\n".join(good.values()), types_db=False).start()
    assert daemon.wait_value("mcp_hub-good/mcp_servers-total") == 3
    assert daemon.wait_value("mcp_hub_alerts-good/mcp_alerts-critical") == 0
    assert daemon.lines(r"mcp_hub.*(type|dataset|data set)") == []


def test_options_may_be_spelt_in_any_case_and_as_text(collectd, sim):
    simulated = sim.hub("spelling")
    daemon = collectd(f'<Plugin mcp_hub>\n<hub "prod">\nurl "{simulated.url}"\nINTERVAL "0.5"\nverifypeer "no"\n'
                      "</hub>\n</Plugin>", plugins=["mcp_hub"]).start()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)


def test_a_hub_reports_under_the_host_it_is_given(collectd, sim):
    simulated = sim.hub("elsewhere")
    daemon = collectd(hubs_block(hub_block("prod", simulated.url, Host="hub-1")), plugins=["mcp_hub"]).start()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1, host="hub-1")
    assert daemon.identities("mcp_hub-prod") == set()


@pytest.mark.parametrize("name", OURS)
def test_each_plugin_is_a_file_of_its_own_not_a_link(name):
    path = BUILD / ".libs" / f"{name}.so"
    assert path.is_file() and not path.is_symlink()


