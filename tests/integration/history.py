# SPDX-License-Identifier: MIT
"""A day in the life of a hub, one value every five minutes for each of its identities.

At noon the LLM grows slow and fails, the queue fills and the circuit breaker opens for
half an hour; in the evening the hub is down for twenty minutes and comes back with a server dead.
"""
import math
import random

HOST = "hub-1"
STEP = 300
DAY = 86400
SERVERS = {"github": 26, "filesystem": 14, "postgres": 9, "memory": 9, "fetch": 1, "grafana": 43}


def between(hour, start, end):
    return start <= hour < end


def rows(end):
    """(time, hour of the story) of a day that ends then: the trouble lies where a reader's eye is."""
    first = end - end % STEP - DAY
    return [(first + i * STEP, i * STEP / 3600) for i in range(1, DAY // STEP + 1)]


def make(end):
    """{identity: (data sources, [(time, value or values)])}; counters grow, a value that is unknown is left out."""
    chance, made, counters = random.Random(7), {}, {}
    for at, hour in rows(end):
        for identity, value in moment(hour, chance).items():
            made.setdefault(identity, []).append((at, value))
        for identity, rate in rates(hour, chance).items():
            before = counters.get(identity, (0,) * len(rate))
            counters[identity] = tuple(int(b + r * STEP) for b, r in zip(before, rate))
            made.setdefault(identity, []).append((at, counters[identity]))
    return made


def load(hour):
    """Of a working day, 0 to 1."""
    return 0.1 + 0.9 * math.exp(-((hour - 14) / 4) ** 2)


def moment(hour, chance):
    down, trouble, dead = between(hour, 19, 19.4), between(hour, 12, 13), between(hour, 19.4, 21)
    hub, alerts = "mcp_hub-prod/", "mcp_hub_alerts-prod/"
    noise = chance.uniform(0.9, 1.1)
    made = {hub + "bool-up": 0 if down else 1,
            hub + "mcp_hub_state": 8 if down else 2 if between(hour, 19.4, 19.6) else 0,
            hub + "percent-servers_down": 0 if not dead else 100 / len(SERVERS)}
    firing = {"critical": int(down) + int(between(hour, 12.25, 12.75)), "warning": 2 * int(trouble) + int(dead),
              "info": int(between(hour, 8, 9)), "pending": int(between(hour, 11.9, 12)), "silenced": int(hour < 6),
              "inhibited": len(SERVERS) * int(down)}
    made.update({f"{alerts}mcp_alerts-{level}": count for level, count in firing.items()})
    made.update({alerts + "health-score": 50 if down else 70 if dead else 78 if trouble else 100,
                 alerts + "percent-availability_1h": 60 if down else 100,
                 alerts + "percent-availability_24h": 100 if hour < 19 else 98.6,
                 alerts + "percent-error_budget": 100 if hour < 19 else 0,
                 "mcp_hub_alerts/bool-rules_current": 0 if between(hour, 9, 9.2) else 1,
                 "mcp_hub_alerts/gauge-series": 131})
    if not down:
        made.update({hub + name: value for name, value in alive(hour, trouble, dead, noise).items()})
    return made


def alive(hour, trouble, dead, noise):
    """What only a hub that answers has."""
    busy, slow = load(hour), 4.0 if trouble else 1.0
    states = {"connected": len(SERVERS) - dead - between(hour, 7, 7.5), "connecting": 0,
              "disconnected": int(between(hour, 7, 7.5)), "unauthorized": 1, "disabled": 2, "dead": int(dead),
              "unknown": 0}
    made = {f"mcp_servers-{state}": count for state, count in states.items()}
    made.update({f"latency-llm_{name}": seconds * slow * noise * (0.8 + busy / 2) for name, seconds in
                 {"average": 0.6, "p50": 0.5, "p95": 1.1, "p99": 1.9}.items()})
    for server, tools in SERVERS.items():
        made[f"mcp_server_state-{server}"] = (5 if dead and server == "postgres" else
                                              4 if server == "github" and between(hour, 7, 7.5) else 0)
        made[f"uptime-{server}"] = hour * 3600
        made.update({f"mcp_server_tools-{server}": tools, f"mcp_server_resources-{server}": tools // 3,
                     f"mcp_server_resource_templates-{server}": tools // 5, f"mcp_server_prompts-{server}": 2,
                     f"ps_rss-{server}": (40 + tools) * 1e6 * noise})
    open_ = 2 if between(hour, 12.25, 12.75) else 1 if between(hour, 12.75, 13) else 0
    return {**made, "mcp_servers-total": sum(states.values()),
            "uptime-hub": (hour - 19.4 if hour > 19 else hour) * 3600,
            "percent-servers_connected": 100 * states["connected"] / (len(SERVERS) + 1),
            "response_time-health": 0.004 * noise * (1 + busy), "response_time-filtering": 0.002 * noise,
            "mcp_capabilities-tools": 102, "mcp_capabilities-resources": 31,
            "mcp_capabilities-resource_templates": 14, "mcp_capabilities-prompts": 12,
            "current_connections-mcp": round(6 * busy), "current_connections-events": 2,
            "mcp_workspaces-active": 1 + (busy > 0.5), "mcp_workspaces-shutting_down": int(between(hour, 17, 17.5)),
            "bool-filtering": 1, "mcp_tools-total": 102, "mcp_tools-exposed": 38, "mcp_tools-filtered": 64,
            "percent-filtered": 62.7, "cache_ratio-llm": 76 if trouble else 91 * (0.98 + noise / 50),
            "cache_ratio-category": 97, "cache_ratio-llm_recent": 60 if trouble else 90,
            "objects-llm_cache": 900 * busy,
            "objects-category_cache": 102, "bytes-llm_cache": 2.1e6 * busy,
            "percent-llm_success": 93 if trouble else 99, "percent-llm_success_recent": 70 if trouble else 99.5,
            "queue_length-llm": 70 * noise if trouble else 4 * busy * noise, "mcp_breaker_state": open_,
            "count-breaker_failures": 5 if open_ == 2 else 0, "ps_rss-hub": (180 + 90 * busy) * 1e6,
            "percent-cpu": 6 * busy * noise, "percent-memory": 2.4, "threads-hub": 11,
            "file_handles-hub": 60 + 20 * busy, "file_size-log": 1e6 * (4 + 1.5 * hour),
            "count-log_errors_100": 14 if trouble else 1, "count-log_errors_1000": 40 if trouble else 6}


def rates(hour, chance):
    """Increments a second of the counters."""
    down, trouble = between(hour, 19, 19.4), between(hour, 12, 13)
    busy = 0 if down else load(hour) * chance.uniform(0.8, 1.2)
    failed = 0.3 if trouble else 0.01
    single = {"errors-connect": 0.1 * down, "errors-timeout": 0.05 * trouble,
              "errors-http": 0.05 * between(hour, 19.4, 19.6),
              **{f"errors-{cause}": 0.02 * between(hour, 8, 9) for cause in ("tls", "parse", "oversize")},
              "cache_result-llm_hit": 9 * busy,
              "cache_result-llm_miss": (3 if trouble else 1) * busy, "total_requests-llm": 2 * busy,
              "total_operations-llm_success": 2 * busy * (1 - failed),
              "total_operations-llm_failed": 2 * busy * failed, "total_operations-llm_timeout": busy * failed / 2,
              "total_operations-llm_retry": busy * failed, "total_operations-llm_fallback": busy * failed,
              "total_operations-queue_processed": 2 * busy, "total_events-breaker_trips": 0.004 * trouble,
              "mcp_log_entries-error": failed * busy, "mcp_log_entries-warn": 0.1 * busy,
              "mcp_log_entries-info": 1.5 * busy, "mcp_log_entries-debug": 0.4 * busy, "mcp_log_entries-other": 0.02,
              "total_events-connect": 0.05 * busy, "total_events-disconnect": 0.04 * busy,
              "total_events-connect_failed": 0.01 * trouble, "total_events-auth_required": 0.004,
              "total_events-llm_error": failed * busy}
    made = {f"mcp_hub-prod/{name}": (rate,) for name, rate in single.items()}
    for server in SERVERS:
        made[f"mcp_hub-prod/mcp_server_restarts-{server}"] = (0.02 * between(hour, 19.4, 19.5),)
        made[f"mcp_hub-prod/transitions-{server}"] = (0.02 * between(hour, 19, 19.5),)
    for process in (*SERVERS, "hub"):
        made[f"mcp_hub-prod/ps_cputime-{process}"] = (30000 * busy, 8000 * busy)
    for name, rate in {"notices_sent": 0.01 * (trouble or down), "notices_dropped": 0.01 * down,
                       "notices_retried": 0.02 * down, "series_refused": 0.01 * trouble,
                       "network_refused": 0.01 * trouble}.items():
        made[f"mcp_hub_alerts/total_events-{name}"] = (rate,)
    return made


def commands(end):
    """PUTVAL lines, each below the 1,024 bytes that unixsock takes."""
    for identity, points in make(end).items():
        line = start = f'PUTVAL "{HOST}/{identity}" interval={STEP}'
        for at, value in points:
            numbers = value if isinstance(value, tuple) else (value,)
            more = f" {at}:" + ":".join(f"{number:.10g}" for number in numbers)
            if len(line) + len(more) > 1000:
                yield line
                line = start
            line += more
        yield line
