# SPDX-License-Identifier: MIT
"""The table of panels: what each dashboard shows, in no store's words.

A Query names values by type and instance as README does. Where it says nothing else it is of the
hub that the dashboard's variables choose; across=True: of every hub on every host.
"""
import json
from dataclasses import dataclass
from pathlib import Path

EACH = "*"  # every instance of the type
SERVER = "$server"  # the one that the dashboard's variable chooses
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "text"


@dataclass(frozen=True)
class Query:
    type: str
    instance: object = ""  # a name, a tuple of names, EACH or SERVER
    plugin: str = "mcp_hub"
    legend: str = ""  # else the hub (across), or the instance
    source: str = "value"
    counter: bool = False  # shown as increase per second
    pick: str = "mean"  # of the values that fall into one point: mean, or the worst: min, max
    fold: str = ""  # sum or count: over all series, one line
    scale: float = 1
    across: bool = False
    own: bool = False  # of the alert plugin itself: no hub


@dataclass(frozen=True)
class Panel:
    title: str
    kind: str  # stat, timeseries, state-timeline, bargauge
    queries: tuple
    unit: str = "none"
    mappings: tuple = ()
    steps: tuple = ()  # (value, colour) from which on, after the colour at the bottom
    lines: bool = False  # draw the steps
    stacked: bool = False
    width: int = 12
    height: int = 8
    description: str = ""
    least: object = 0
    most: object = None


@dataclass(frozen=True)
class Row:
    title: str


@dataclass(frozen=True)
class Dashboard:
    name: str
    title: str
    description: str
    variables: tuple
    panels: tuple


# ---- states: words of the table of values, as `make tables` prints it ----

TOP = Path(__file__).parents[2]
VALUES = [line.split("\t") for line in (TOP / "man" / "hub.values").read_text().splitlines()]


def states_of(type_, *colours):
    """(word, colour) of each state of a type."""
    words = next(row[-1] for row in VALUES if row[1] == type_)
    return tuple(zip((state.split(" ", 1)[1] for state in words.split(", ")), colours, strict=True))


BOOL = states_of("bool", RED, GREEN)
FILTERING = (("off", GREY), ("on", BLUE))
HUB_STATE = states_of("mcp_hub_state", GREEN, GREEN, BLUE, YELLOW, ORANGE, RED, RED, "purple", "dark-red")
SERVER_STATE = states_of("mcp_server_state", GREEN, GREY, BLUE, YELLOW, RED, "dark-red")
BREAKER_STATE = states_of("mcp_breaker_state", GREEN, YELLOW, RED)


# ---- the shipped thresholds ----

RULES = json.loads((TOP / "collectd.conf.d" / "alerts.json").read_text())


def shipped(name, scale=1, below=False):
    """The steps of a threshold in alerts.json, in the unit of its value."""
    given = {level: round(RULES[level][name] * scale, 9) for level in ("warning", "critical") if name in RULES[level]}
    colours = {"warning": ORANGE, "critical": RED}
    if not below:
        return ((None, GREEN), *sorted((value, colours[level]) for level, value in given.items()))
    falling = sorted(((value, level) for level, value in given.items()), reverse=True)
    above = [GREEN, *(colours[level] for _, level in falling)]
    return tuple(zip((None, *(value for value, _ in reversed(falling))), reversed(above)))


SUCCESS = shipped("llm_success_rate", 100, below=True)
HITS = shipped("cache_hit_rate", 100, below=True)
P95 = shipped("p95_latency", 1e-3)
QUEUE = shipped("queue_depth")
REPLY = shipped("api_response_time")
CPU = shipped("cpu_percent")
MEMORY = shipped("memory_mb", 2**20)
MEMORY_SHARE = shipped("memory_percent")
CLIENTS = shipped("active_clients")
FAILURES = shipped("circuit_breaker_failures")
ERRORS = shipped("error_count")
LOG_SIZE = shipped("log_size_mb", 2**20)
SCORE = ((None, RED), (50, ORANGE), (75, YELLOW), (90, GREEN))  # poor, fair, good, excellent
ANY_RED = ((None, GREEN), (1, RED))
ANY_ORANGE = ((None, GREEN), (1, ORANGE))
ALL_GREEN = ((None, RED), (100, GREEN))
PLAIN = ((None, BLUE),)


# ---- short forms ----

def stat(title, query, unit="none", mappings=(), steps=PLAIN, width=4, **options):
    return Panel(title, "stat", (query,), unit, mappings, steps, width=width, height=4, **options)


def graph(title, *queries, unit="none", steps=(), **options):
    return Panel(title, "timeseries", queries, unit, steps=steps, lines=bool(steps), **options)


def states(title, query, mappings, **options):
    return Panel(title, "state-timeline", (query,), mappings=mappings, **options)


def bars(title, query, unit, steps, **options):
    return Panel(title, "bargauge", (query,), unit, steps=steps, **options)


def every(type_, instance="", **options):
    return Query(type_, instance, across=True, **options)


def alerts(type_, instance, **options):
    return Query(type_, instance, plugin="mcp_hub_alerts", **options)


def of_plugin(type_, instance, **options):
    return alerts(type_, instance, own=True, across=True, **options)


def counted(type_, instance, **options):
    return Query(type_, instance, counter=True, **options)


def alert_sum(level):
    return alerts("mcp_alerts", level, across=True, fold="sum", legend=level, pick="max")


DOWN = ("dead", "disconnected")

OVERVIEW = Dashboard("overview", "MCP hubs", "All hubs on all hosts: who answers, who is slow, who has alerts.", (), (
    stat("Hubs", every("bool", "up", fold="count", legend="hubs")),
    stat("Hubs that answer", every("bool", "up", fold="sum", legend="answer"), steps=((None, RED), (1, GREEN))),
    stat("Servers disconnected or dead", every("mcp_servers", DOWN, fold="sum", legend="down"), steps=ANY_ORANGE),
    stat("MCP clients", every("current_connections", "mcp", fold="sum", legend="clients")),
    stat("Critical alerts", alert_sum("critical"), steps=ANY_RED),
    stat("Warnings", alert_sum("warning"), steps=ANY_ORANGE),
    states("State", every("mcp_hub_state", pick="max"), HUB_STATE),
    bars("Health score", alerts("health", "score", across=True), "none", SCORE, most=100),
    graph("Servers connected", every("percent", "servers_connected", pick="min"), unit="percent", most=100,
          description="Of those that are not disabled."),
    graph("Answer to a health request", every("response_time", "health"), unit="s", steps=REPLY),
    Row("LLM"),
    graph("Success rate", every("percent", "llm_success"), unit="percent", steps=SUCCESS, most=100, least=None,
          description="Since the hub's start."),
    graph("Latency, 95th percentile", every("latency", "llm_p95"), unit="s", steps=P95),
    graph("Cache hit rate", every("cache_ratio", "llm"), unit="percent", steps=HITS, most=100, least=None),
    graph("Queue", every("queue_length", "llm", pick="max"), steps=QUEUE),
    states("Circuit breaker", every("mcp_breaker_state", pick="max"), BREAKER_STATE),
    graph("Calls", every("total_requests", "llm", counter=True), unit="reqps"),
    Row("Processes"),
    graph("Memory", every("ps_rss", "hub"), unit="bytes", steps=MEMORY),
    graph("CPU", every("percent", "cpu"), unit="percent", steps=CPU, description="Of one core."),
))

HUB = Dashboard("hub", "MCP hub", "Everything that one hub says.", ("host", "hub"), (
    stat("State", Query("mcp_hub_state", legend="state", pick="max"), mappings=HUB_STATE),
    stat("Answers", Query("bool", "up", pick="min"), mappings=BOOL),
    stat("Uptime", Query("uptime", "hub"), "s"),
    stat("Health score", alerts("health", "score"), steps=SCORE),
    stat("Critical alerts", alerts("mcp_alerts", "critical"), steps=ANY_RED),
    stat("Warnings", alerts("mcp_alerts", "warning"), steps=ANY_ORANGE),
    stat("Servers", Query("mcp_servers", "total")),
    stat("Servers connected", Query("percent", "servers_connected"), "percent", steps=ALL_GREEN,
         description="Of those that are not disabled."),
    stat("MCP clients", Query("current_connections", "mcp")),
    stat("Tool filtering", Query("bool", "filtering"), mappings=FILTERING),
    stat("Tools filtered out", Query("percent", "filtered"), "percent"),
    stat("Circuit breaker", Query("mcp_breaker_state", legend="state", pick="max"), mappings=BREAKER_STATE),
    states("Hub", Query("mcp_hub_state", legend="state", pick="max"), HUB_STATE, width=24, height=4),
    Row("Servers"),
    states("State of each server", Query("mcp_server_state", EACH, pick="max"), SERVER_STATE, width=24, height=12),
    graph("Servers by state", Query("mcp_servers", ("connected", "connecting", "dead", "disabled", "disconnected",
                                                    "unauthorized", "unknown")), stacked=True),
    graph("Servers down", Query("percent", "servers_down", pick="max"), unit="percent", most=100),
    graph("Starts", counted("mcp_server_restarts", EACH), unit="cps"),
    graph("Changes of state", counted("transitions", EACH), unit="cps"),
    graph("Tools of each server", Query("mcp_server_tools", EACH)),
    graph("Memory", Query("ps_rss", EACH), unit="bytes", description="Of the hub and of each server's processes."),
    Row("LLM"),
    graph("Success rate", Query("percent", ("llm_success", "llm_success_recent")), unit="percent", steps=SUCCESS,
          most=100, least=None, description="Since the hub's start, and of the last 5 minutes."),
    graph("Latency", Query("latency", ("llm_average", "llm_p50", "llm_p95", "llm_p99")), unit="s", steps=P95,
          description="The line is the 95th percentile's threshold."),
    graph("Calls", counted("total_requests", "llm"), unit="reqps"),
    graph("What became of calls", counted("total_operations", ("llm_failed", "llm_fallback", "llm_retry", "llm_success",
                                                               "llm_timeout")), unit="reqps"),
    graph("Queue", Query("queue_length", "llm", pick="max"), steps=QUEUE),
    graph("Taken from the queue", counted("total_operations", "queue_processed"), unit="reqps"),
    states("Circuit breaker", Query("mcp_breaker_state", legend="state", pick="max"), BREAKER_STATE),
    graph("Circuit breaker: failures in a row", Query("count", "breaker_failures", pick="max"), steps=FAILURES),
    graph("Circuit breaker: trips", counted("total_events", "breaker_trips"), unit="cps"),
    Row("Caches"),
    graph("Hit rate", Query("cache_ratio", ("category", "llm", "llm_recent")), unit="percent", steps=HITS, most=100,
          least=None,
          description="Since the hub's start, and of the last 5 minutes. The line is the threshold of llm."),
    graph("Look-ups", counted("cache_result", ("llm_hit", "llm_miss")), unit="reqps", stacked=True),
    graph("Entries", Query("objects", ("category_cache", "llm_cache"))),
    graph("Size", Query("bytes", "llm_cache"), unit="bytes"),
    Row("Tools, clients, workspaces"),
    graph("Tools", Query("mcp_tools", ("exposed", "filtered", "total"))),
    graph("Registered at the hub's endpoint", Query("mcp_capabilities", ("prompts", "resource_templates", "resources",
                                                                         "tools"))),
    graph("Clients", Query("current_connections", ("events", "mcp")), steps=CLIENTS,
          description="The lines are the thresholds of mcp."),
    graph("Workspaces", Query("mcp_workspaces", ("active", "shutting_down"))),
    Row("Reading the hub"),
    graph("Answers", Query("response_time", ("filtering", "health")), unit="s", steps=REPLY,
          description="The lines are the thresholds of health."),
    graph("Failed requests", counted("errors", ("connect", "http", "oversize", "parse", "timeout", "tls")), unit="cps"),
    Row("Process"),
    graph("CPU", Query("percent", "cpu"), unit="percent", steps=CPU, description="Of one core."),
    graph("CPU time", counted("ps_cputime", "hub", source="user", scale=1e-6, legend="user"),
          counted("ps_cputime", "hub", source="syst", scale=1e-6, legend="system"), unit="percentunit", stacked=True),
    graph("Memory", Query("ps_rss", "hub"), unit="bytes", steps=MEMORY),
    graph("Memory, of the machine's", Query("percent", "memory"), unit="percent", steps=MEMORY_SHARE),
    graph("Threads", Query("threads", "hub")),
    graph("File handles", Query("file_handles", "hub")),
    Row("Log"),
    graph("Entries", counted("mcp_log_entries", ("debug", "error", "info", "other", "warn")), unit="cps", stacked=True),
    graph("Errors among the last entries", Query("count", ("log_errors_100", "log_errors_1000"), pick="max"),
          steps=ERRORS, description="The line is the threshold of the last 100."),
    graph("Events", counted("total_events", ("auth_required", "connect", "connect_failed", "disconnect", "llm_error")),
          unit="cps"),
    graph("Size", Query("file_size", "log"), unit="bytes", steps=LOG_SIZE),
))

SERVER_PAGE = Dashboard("server", "MCP server", "One server of a hub.", ("host", "hub", "server"), (
    stat("State", Query("mcp_server_state", SERVER, legend="state", pick="max"), mappings=SERVER_STATE),
    stat("Uptime", Query("uptime", SERVER, legend="uptime"), "s"),
    stat("Tools", Query("mcp_server_tools", SERVER, legend="tools")),
    stat("Resources", Query("mcp_server_resources", SERVER, legend="resources")),
    stat("Resource templates", Query("mcp_server_resource_templates", SERVER, legend="resource templates")),
    stat("Prompts", Query("mcp_server_prompts", SERVER, legend="prompts")),
    states("State", Query("mcp_server_state", SERVER, legend="state", pick="max"), SERVER_STATE, width=24, height=4),
    graph("Uptime", Query("uptime", SERVER, legend="uptime"), unit="s", description="0 while connected: it is dead."),
    graph("Starts and changes of state", counted("mcp_server_restarts", SERVER, legend="starts"),
          counted("transitions", SERVER, legend="changes"), unit="cps"),
    graph("Memory", Query("ps_rss", SERVER, legend="resident"), unit="bytes",
          description="Of its process and all that it started; of local servers."),
    graph("CPU", counted("ps_cputime", SERVER, source="user", scale=1e-6, legend="user"),
          counted("ps_cputime", SERVER, source="syst", scale=1e-6, legend="system"), unit="percentunit", stacked=True),
    graph("Offered", Query("mcp_server_tools", SERVER, legend="tools"),
          Query("mcp_server_resources", SERVER, legend="resources"),
          Query("mcp_server_resource_templates", SERVER, legend="resource templates"),
          Query("mcp_server_prompts", SERVER, legend="prompts"), width=24),
))

ALERTS = Dashboard("alerts", "MCP hubs: alerts", "Alerts, scores and availability; what the alert plugin does.", (), (
    stat("Critical", alert_sum("critical"), steps=ANY_RED),
    stat("Warnings", alert_sum("warning"), steps=ANY_ORANGE),
    stat("Info", alert_sum("info")),
    stat("Pending", alert_sum("pending")),
    stat("Silenced", alert_sum("silenced")),
    stat("Inhibited", alert_sum("inhibited")),
    graph("Critical alerts", alerts("mcp_alerts", "critical", across=True, pick="max"), stacked=True),
    graph("Warnings", alerts("mcp_alerts", "warning", across=True, pick="max"), stacked=True),
    graph("Health score", alerts("health", "score", across=True, pick="min"), steps=SCORE, most=100),
    bars("Availability, 24 hours", alerts("percent", "availability_24h", across=True), "percent",
         ((None, RED), (99, ORANGE), (99.9, GREEN)), least=90, most=100),
    graph("Availability, 1 hour", alerts("percent", "availability_1h", across=True), unit="percent", least=None,
          most=100),
    graph("Error budget left", alerts("percent", "error_budget", across=True), unit="percent", most=100,
          steps=((None, RED), (25, ORANGE), (50, GREEN)), description="Of a day at 99.9 %."),
    Row("The alert plugin"),
    stat("Rules are those of the file", of_plugin("bool", "rules_current", pick="min"), mappings=BOOL, width=6),
    stat("Series watched", of_plugin("gauge", "series"), width=6),
    graph("Notices", *(of_plugin("total_events", f"notices_{what}", counter=True, fold="sum", legend=what)
                       for what in ("sent", "dropped", "retried")), unit="cps"),
    graph("Series refused", of_plugin("total_events", "series_refused", counter=True), unit="cps"),
    graph("Refused from the network", of_plugin("total_events", "network_refused", counter=True), unit="cps"),
))

DASHBOARDS = (OVERVIEW, HUB, SERVER_PAGE, ALERTS)
