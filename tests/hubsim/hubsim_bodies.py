# SPDX-License-Identifier: MIT
"""The bodies a hub answers with, byte for byte in the order of the real ones.

Each function takes a State and returns bytes; the caller holds state.lock.
`state.patches[path]` changes single keys afterwards ('llm.timeouts': 3, or OMIT).
"""
from hubsim_catalogue import NOTHING, dumps
from hubsim_state import iso

HEALTH = "/api/health"
SERVERS = "/api/servers"
STATS = "/api/filtering/stats"
WORKSPACES = "/api/workspaces"

OMIT = object()  # as the value of a patch: leave the key out


class Raw(bytes):
    """JSON already."""


def document(state, path, fields):
    """Patch and serialise; values of the first level may be Raw."""
    for key, value in state.patches.get(path, {}).items():
        *parents, last = key.split(".")
        node = fields
        for parent in parents:
            node = node.setdefault(parent, {})
        if value is OMIT:
            node.pop(last, None)
        else:
            node[last] = value
    parts = (dumps(k) + b":" + (v if isinstance(v, Raw) else dumps(v)) for k, v in fields.items())
    return b"{" + b",".join(parts) + b"}"


def timestamp(state):
    return iso(state.clock.now())


def server_list(state):
    if not state.booted:
        return Raw(b"[]")
    return Raw(b"[" + b",".join(s.json() for s in state.servers.values()) + b"]")


def registered(state):
    """How many of each kind the connected servers offer."""
    offering = [s.capabilities for s in state.servers.values() if s.status == "connected"]
    return {kind: sum(len(getattr(c, kind)) for c in offering) for kind in NOTHING.KINDS}


def workspaces_of(state):
    return {key: dict(entry) for key, entry in state.workspaces.items()}


def health(state):
    fields = {"status": "ok", "state": state.state, "server_id": state.server_id, "version": state.version,
              "activeClients": len(state.subscribers), "timestamp": timestamp(state), "servers": server_list(state),
              "connections": {"totalConnections": len(state.subscribers), "connections": state.subscribers}}
    if state.version is None:
        del fields["version"]
    if state.booted and (state.shape == "upstream" or state.state != "starting"):
        counts = registered(state)
        fields["mcpEndpoint"] = {"activeClients": state.clients, "registeredCapabilities": counts,
                                 "totalCapabilities": sum(counts.values())}
    fields["workspaces"] = {"current": state.workspace_key, "allActive": workspaces_of(state)}
    return document(state, HEALTH, fields)


def servers(state):
    return document(state, SERVERS, {"servers": server_list(state), "timestamp": timestamp(state)})


def workspaces(state):
    return document(state, WORKSPACES, {"workspaces": workspaces_of(state), "timestamp": timestamp(state)})


def error(state, message, code, **data):
    return dumps({"error": message, "code": code, "data": data, "timestamp": timestamp(state)})


# /api/filtering/stats

def flat(state):
    """What the fork serves: rates are fractions, 0 when nothing was asked."""
    filtering = state.filtering
    total = registered(state)["tools"] if filtering.total is None else filtering.total
    exposed = total if filtering.exposed is None else filtering.exposed
    return {"enabled": filtering.enabled, "mode": filtering.mode, "totalTools": total,
            "filteredTools": total - exposed, "exposedTools": exposed,
            "filterRate": (total - exposed) / total if total else 0,
            "serverFilterMode": filtering.server_mode, "allowedServers": filtering.servers,
            "allowedCategories": filtering.categories, "categoryCacheSize": state.category_cache.size,
            "cacheHitRate": state.category_cache.hit_rate or 0, "llmCacheSize": state.cache.size,
            "llmCacheHitRate": state.cache.hit_rate or 0, "timestamp": timestamp(state)}


def documented(state):
    """The fork's README: flat, and llm and llmCache whose rates are strings, or the number 0 when idle."""
    llm, cache, breaker, ms = state.llm, state.cache, state.breaker, state.llm.latencies()
    memory = cache.size * cache.entry_bytes
    by_type = {"errorsByType": dict(llm.errors)} if llm.errors else {}
    return {
        **flat(state),
        "llm": {"enabled": llm.enabled, "queueDepth": state.queue.depth, "totalCalls": llm.total,
                "successfulCalls": llm.success, "failedCalls": llm.failed, "averageLatency": ms["average"],
                "p95Latency": ms["p95"], "p99Latency": ms["p99"], "timeouts": llm.timeouts,
                "totalRetries": llm.retries, "fallbacksUsed": llm.fallbacks, "circuitBreakerTrips": breaker.trips,
                "circuitBreakerState": breaker.state, "circuitBreakerFailures": breaker.failures,
                "successRate": fixed(llm.success_rate, 3), **by_type},
        "llmCache": {"size": cache.size, "hitRate": fixed(cache.hit_rate, 3), "hits": cache.hits,
                     "misses": cache.misses, "memoryUsageBytes": memory,
                     "memoryUsageMB": fixed(memory / 2**20 if memory else None, 2),
                     "ttlSeconds": cache.ttl, "entryCount": cache.size}}


def scripts(state):
    """As the operators' scripts read it; state.rates chooses "96.7%" or 0.967."""
    llm, cache, ms = state.llm, state.cache, state.llm.latencies()
    rate = percent if state.rates == "percent" else fraction
    return {
        "llm": {"successRate": rate(llm.success_rate), "averageLatency": ms["average"], "p50Latency": ms["p50"],
                "p95Latency": ms["p95"], "p99Latency": ms["p99"], "totalRequests": llm.total},
        "llmCache": {"hitRate": rate(cache.hit_rate), "size": cache.size, "hits": cache.hits, "misses": cache.misses},
        "queue": {"depth": state.queue.depth, "processed": state.queue.processed},
        "circuitBreaker": {"state": state.breaker.state, "consecutiveFailures": state.breaker.failures}}


def fixed(value, digits):
    """JavaScript's toFixed(): a string; the number 0 when idle."""
    return 0 if value is None else f"{value:.{digits}f}"


def fraction(value):
    return round(value or 0, 3)


def percent(value):
    return f"{round((value or 0) * 100, 1):g}%"


SHAPES = {"upstream": None, "flat": flat, "documented": documented, "scripts": scripts}


def stats(state):
    return document(state, STATS, SHAPES[state.shape](state))
