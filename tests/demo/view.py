# SPDX-License-Identifier: MIT
"""The demonstration's words: a stream of lines, 80 columns, colour only where a person sees it."""
import os
import sys
import textwrap
import time

WIDTH = 79
RED, YELLOW, GREEN, BLUE, BOLD = "1;31", "1;33", "1;32", "36", "1"
LOOK = {"FAILURE": ("!!", "CRITICAL", RED), "WARNING": (" !", "WARNING", YELLOW), "OKAY": ("ok", "", GREEN)}
ENDED = {"FAILURE": "critical", "WARNING": "warning", "OKAY": "ended"}
STATES = ("ready", "restarted", "starting", "restarting", "stopping", "stopped", "error", "unknown", "no answer")
BREAKER = ("closed", "half-open", "open")
HEADER_EVERY = 12  # rows


def clock():
    return time.strftime("%H:%M:%S")


# ---- the row of main values; one that is not known is "-" ----

def _word(words, value):
    return words[int(value)] if 0 <= value < len(words) else f"{value:g}"


def _percent(value):
    return "100%" if value >= 99.95 else f"{value:.1f}%"


def _seconds(value):
    return f"{value * 1000:.0f}ms" if value < 0.9995 else f"{value:.2f}s" if value < 9.995 else f"{value:.0f}s"


def _servers(values):
    dead = values.get("mcp_servers-dead", 0)
    alive = f"{values['mcp_servers-connected']:.0f}/{values['mcp_servers-total']:.0f}"
    return f"{alive} {dead:.0f} dead" if dead else alive


# title, width, the values whose alerts colour it, text of a round's values (KeyError: not known)
COLUMNS = (
    ("hub", -9, ("bool-up", "mcp_hub_state"), lambda v: _word(STATES, v["mcp_hub_state"])),
    ("servers", -12, ("mcp_server_state", "percent-servers_down"), _servers),
    ("LLM", 5, ("percent-llm_success",), lambda v: _percent(v["percent-llm_success"])),
    ("p95", 5, ("latency-llm_p95",), lambda v: _seconds(v["latency-llm_p95"])),
    ("cache", 5, ("cache_ratio-llm",), lambda v: _percent(v["cache_ratio-llm"])),
    ("queue", 5, ("queue_length-llm",), lambda v: f"{v['queue_length-llm']:.0f}"),
    ("breaker", -9, ("mcp_breaker_state", "count-breaker_failures"),
     lambda v: _word(BREAKER, v["mcp_breaker_state"])),
    ("clients", 7, ("current_connections-mcp",), lambda v: f"{v['current_connections-mcp']:.0f}"),
    ("reply", 5, ("response_time-health",), lambda v: _seconds(v["response_time-health"])),
)
LEGEND = ("LLM: calls that succeed. p95: of their latency. cache: hit rate of the LLM cache. "
          "breaker: the LLM's circuit breaker. reply: time of /api/health. A dash: unknown.")


def _cell(text, values):
    try:
        return text(values)
    except KeyError:
        return "-"


def _fit(text, width):
    return text.ljust(-width) if width < 0 else text.rjust(width)


class View:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.colour = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.rows = 0

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text

    def line(self, text=""):
        print(text, file=self.out, flush=True)

    def block(self, text, first="", rest=None, code=None):
        """Wrapped; `first` and `rest` go before the first and the other lines."""
        text = "".join(c if c.isprintable() else "?" for c in text)
        for line in textwrap.wrap(text, WIDTH, initial_indent=first, break_on_hyphens=False,
                                  subsequent_indent=" " * len(first) if rest is None else rest) or [first]:
            self.line(self.paint(code, line))

    def title(self, text):
        self.line()
        self.line(self.paint(BOLD, text))

    def list(self, title, items):
        """Items (what, about it), aligned."""
        self.title(title)
        width = max(len(what) for what, _ in items)
        for what, about in items:
            self.block(about, f"  {what.ljust(width)}  ")

    # ---- while it runs ----

    def event(self, at, mark, text, code=None):
        self.block(text, f"{at} {mark} ", code=code)

    def notice(self, at, notice):
        mark, title, code = LOOK[notice.severity]
        self.event(at, mark, f"{title} {notice.message}".strip(), code)

    def row(self, when, values, active):
        if self.rows % HEADER_EVERY == 0:
            self.line(self.paint(BOLD, " ".join(["time    "] + [_fit(t, w) for t, w, *_ in COLUMNS])))
        self.rows += 1
        cells = [time.strftime("%H:%M:%S", time.localtime(when))]
        for _, width, names, text in COLUMNS:
            alerts = [severity for name, severity in active.items() if name.startswith(names)]
            code = RED if "FAILURE" in alerts else YELLOW if alerts else None
            cells.append(self.paint(code, _fit(_cell(text, values), width)))
        self.line(" ".join(cells).rstrip())

    # ---- at the end ----

    def seen(self, record, interval):
        types = ", ".join(f"{name}({n})" if n > 1 else name for name, n in sorted(record.types().items()))
        self.title(f"Values: {len(record.names)} of the hub, of {len(record.types())} types, "
                   f"{record.rounds} rounds, one each {interval:g} s")
        self.block(types + ".", "  ")
        if record.own:
            self.block(f"And {len(record.own)} of the alert plugin: {', '.join(sorted(record.own))}.", "  ")

    def alerts(self, record):
        if not record.notices:
            self.title("Notices: none; nothing was wrong")
            return
        self.list(f"Notices: {record.notices}, by value",
                  [(name, ", ".join(f"{ENDED[severity]} {at}" for at, severity in seen))
                   for name, seen in record.history.items()])

    def graphs(self):
        self.list("Where graphs come from: collectd hands every value to a writer plugin", (
            ("LoadPlugin rrdtool", "RRD files, for collection3 (in collectd's examples)"),
            ("LoadPlugin write_graphite", "Graphite, and Grafana on top of it"),
            ("LoadPlugin network", "InfluxDB's collectd input, or a central collectd"),
            ("LoadPlugin write_prometheus", "a page that Prometheus scrapes")))

    def installing(self, build):
        self.title("Into a collectd that runs already")
        self.line(f"  sudo make -C {build} install    # plugins, types, alerts.json, mcp_hub.conf")
        self.line("  sudo systemctl restart collectd")
        self.line("  sudo mcphubctl status")
        self.block("Debian's collectd.conf includes collectd.conf.d/mcp_hub.conf, where the hub's URL stands; "
                   "elsewhere add an Include line.", "  ")
