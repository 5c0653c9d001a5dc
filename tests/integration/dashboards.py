"""The Grafana dashboards as they are shipped, and their queries as Grafana sends them."""
import json
import re

from daemon import HOST, SOURCE

FOLDER = SOURCE / "graphs" / "grafana"
NAMES = ("overview", "hub", "server", "alerts")


def dashboard(store, name):
    return json.loads((FOLDER / store / f"{name}.json").read_text())


def regex(value):
    """Grafana's format ${name:regex}."""
    return re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value)


def filled(text, **variables):
    """With the dashboard's variables in their places."""
    return re.sub(r"\$\{(host|hub|server):(raw|regex)\}",
                  lambda found: {"raw": str, "regex": regex}[found[2]](variables[found[1]]), text)


def queries(store, name):
    """(title, text) of each query of each panel."""
    for panel in dashboard(store, name)["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target.get("expr") or target.get("query") or target["target"]


def variable(store, name, variable_name):
    """The query that lists what a variable can be, and the regular expression for what comes."""
    made = next(v for v in dashboard(store, name)["templating"]["list"] if v["name"] == variable_name)
    return made["query"], made["regex"].strip("/")


def silent(store, ask, hubs, server="github"):
    """The queries that give nothing for any of the hubs; `ask` gives the values of one as {legend: [value, ...]}."""
    return [(name, title, text) for name in NAMES for title, text in queries(store, name)
            if not any(any(ask(filled(text, host=HOST, hub=hub, server=server)).values()) for hub in hubs)]
