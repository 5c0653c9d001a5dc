# SPDX-License-Identifier: MIT
"""What came out of collectd: its csv and log lines -> values, notices and what became of them."""
import re
from collections import Counter
from dataclasses import dataclass, field

_VALUE = re.compile(r'PUTVAL ("(?:[^"\\]|\\.)*"|\S+) interval=\S+ ([0-9.]+):(\S+)$')
_LOG = re.compile(r"\[(\w+)\] (.*)$")
_NOTICE = re.compile(r"Notification: severity = (OKAY|WARNING|FAILURE)(.*?), message = (.*)$")
_FIELD = re.compile(r", (host|plugin|plugin_instance|type|type_instance) = (.*?)(?=, \w+ = |$)")


@dataclass
class Value:
    plugin: str  # with its instance: "mcp_hub-demo"
    name: str  # "bool-up"
    time: float
    value: float  # of the first data source


@dataclass
class Notice:
    severity: str  # OKAY, WARNING or FAILURE
    name: str  # "bool-up"
    message: str


@dataclass
class Log:
    level: str
    text: str


def understand(line):
    """A line of collectd's -> Value, Notice or Log."""
    found = _VALUE.match(line)
    if found:
        identity = found[1]
        if identity.startswith('"'):
            identity = re.sub(r"\\(.)", r"\1", identity[1:-1])
        _, plugin, name = identity.split("/", 2)
        return Value(plugin, name, float(found[2]), float(found[3].split(":")[0]))
    found = _LOG.match(line)
    level, text = found.groups() if found else ("", line)
    found = _NOTICE.match(text)
    if found:
        part = dict(_FIELD.findall(found[2]))
        return Notice(found[1], "-".join(part[k] for k in ("type", "type_instance") if k in part), found[3])
    return Log(level, text)


@dataclass
class Record:
    """Everything seen so far."""
    names: set = field(default_factory=set)  # of the hub's values
    own: set = field(default_factory=set)  # of the alert plugin's
    rounds: int = 0
    history: dict = field(default_factory=dict)  # name -> [(clock, severity)], as the notices came

    def value(self, value):
        (self.own if value.plugin.startswith("mcp_hub_alerts") else self.names).add(value.name)

    def notice(self, notice, clock):
        self.history.setdefault(notice.name, []).append((clock, notice.severity))

    @property
    def active(self):
        """name -> severity of the alerts that have not ended."""
        return {name: seen[-1][1] for name, seen in self.history.items() if seen[-1][1] != "OKAY"}

    @property
    def notices(self):
        return sum(map(len, self.history.values()))

    def had(self, name, severity):
        return any(s == severity for _, s in self.history.get(name, ()))

    def types(self):
        """How many of the hub's values each type has."""
        return Counter(name.split("-", 1)[0] for name in self.names)
