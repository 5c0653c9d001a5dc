# SPDX-License-Identifier: MIT
"""The simulator does what it promises: on the wire, seen with plain sockets and http.client."""
import contextlib
import http.client
import json
import math
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

import hubsim
from hubsim import HEALTH, OMIT, SECRET, SERVERS, STATS, WORKSPACES

HERE = Path(__file__).parent


@pytest.fixture
def sim():
    with hubsim.Sim() as made:
        yield made


@pytest.fixture
def hub(sim):
    made = sim.hub(shape="documented")
    made.clock.freeze(1_800_000_000.0)
    made.reset()
    return made


def ask(hub, path=HEALTH, method="GET", timeout=10):
    """status, headers, body"""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", hub.port, timeout=timeout)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def ask_json(hub, path=HEALTH):
    return json.loads(ask(hub, path)[2])


def ask_raw(hub, data=b"GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", enough=None):
    """Everything the hub sends until it closes, or the first `enough` bytes."""
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
        client.sendall(data)
        got = b""
        while enough is None or len(got) < enough:
            piece = client.recv(65536)
            if not piece:
                break
            got += piece
        return got


def one(hub, name="github"):
    return next(s for s in ask_json(hub)["servers"] if s["name"] == name)


# the shapes of the bodies

HEALTH_KEYS = ["status", "state", "server_id", "version", "activeClients", "timestamp", "servers", "connections",
               "mcpEndpoint", "workspaces"]
SERVER_KEYS = ["name", "displayName", "description", "transportType", "status", "error", "capabilities", "uptime",
               "lastStarted", "authorizationUrl", "serverInfo", "config_source"]
FLAT_KEYS = ["enabled", "mode", "totalTools", "filteredTools", "exposedTools", "filterRate", "serverFilterMode",
             "allowedServers", "allowedCategories", "categoryCacheSize", "cacheHitRate", "llmCacheSize",
             "llmCacheHitRate", "timestamp"]


def test_health_has_the_keys_of_a_real_hub_in_their_order(hub):
    health = ask_json(hub)
    assert list(health) == HEALTH_KEYS
    assert list(health["servers"][0]) == SERVER_KEYS
    assert list(health["servers"][0]["capabilities"]) == ["tools", "resources", "resourceTemplates", "prompts"]
    assert health["timestamp"] == "2027-01-15T08:00:00.000Z"
    assert health["mcpEndpoint"]["registeredCapabilities"]["tools"] == 36


def test_answers_carry_nodes_headers(hub):
    status, headers, body = ask(hub)
    assert status == 200
    assert headers["X-Powered-By"] == "Express"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Connection"] == "keep-alive" and headers["Keep-Alive"] == "timeout=5"
    assert int(headers["Content-Length"]) == len(body)


def test_26_servers_with_298_tools_make_about_290_kilobytes(hub):
    hub.big()
    health = ask_json(hub)
    assert len(health["servers"]) == 26
    assert sum(len(s["capabilities"]["tools"]) for s in health["servers"]) == 298
    assert 280_000 < len(hub.health()) < 300_000


@pytest.mark.parametrize("size", [10_000, 36_000, 290_000, 10_000_000])
def test_a_payload_has_exactly_the_wanted_size(hub, size):
    hub.payload(size)
    body = ask(hub)[2]
    assert len(body) == size and json.loads(body)


def test_tool_names_are_unique_within_a_hub(hub):
    hub.big()
    names = [t["name"] for s in ask_json(hub)["servers"] for t in s["capabilities"]["tools"]]
    assert len(set(names)) == len(names)


def test_anything_unknown_is_an_express_404(hub):
    for method, path in [("GET", "/nope"), ("POST", HEALTH), ("GET", "/_sim")]:
        status, headers, body = ask(hub, path, method)
        assert status == 404
        assert headers["Content-Type"].startswith("text/html")
        assert f"Cannot {method} {path}".encode() in body


def test_servers_is_500_until_the_hub_object_exists(hub):
    hub.booted = False
    status, _, body = ask(hub, SERVERS)
    assert status == 500 and json.loads(body)["code"] == "REQUEST_ERROR"
    assert ask_json(hub)["servers"] == []
    hub.booted = True
    assert ask_json(hub, SERVERS)["servers"] == ask_json(hub)["servers"]


# filtering statistics

def test_upstream_has_no_filtering_stats(sim):
    status, headers, body = ask(sim.hub(shape="upstream"), STATS)
    assert status == 404 and headers["Content-Type"].startswith("text/html")
    assert b"Cannot GET /api/filtering/stats" in body


@pytest.mark.parametrize("shape", ["flat", "documented", "scripts"])
def test_the_fork_answers_json_404_until_ready(sim, shape):
    hub = sim.hub(shape=shape)
    hub.state = "starting"
    status, _, body = ask(hub, STATS)
    assert status == 404 and json.loads(body)["error"]
    assert "mcpEndpoint" not in ask_json(hub)
    hub.state = "ready"
    assert ask(hub, STATS)[0] == 200
    assert "mcpEndpoint" in ask_json(hub)


def test_flat_rates_are_fractions_and_0_when_idle(sim):
    hub = sim.hub(shape="flat")
    idle = ask_json(hub, STATS)
    assert list(idle) == FLAT_KEYS
    assert (idle["filterRate"], idle["cacheHitRate"], idle["llmCacheHitRate"]) == (0, 0, 0)
    hub.cache.ask(hits=3, misses=1)
    hub.filtering.exposed = 9
    busy = ask_json(hub, STATS)
    assert (busy["llmCacheHitRate"], busy["llmCacheSize"]) == (0.75, 1)
    assert (busy["totalTools"], busy["filteredTools"], busy["filterRate"]) == (36, 27, 0.75)


def test_documented_rates_are_strings_and_0_when_idle(hub):
    idle = ask_json(hub, STATS)
    assert list(idle) == FLAT_KEYS + ["llm", "llmCache"]
    assert (idle["llm"]["successRate"], idle["llmCache"]["hitRate"], idle["llmCache"]["memoryUsageMB"]) == (0, 0, 0)
    hub.llm.call(success=29, failed=1, latency=800, timeouts=1, retries=2, fallbacks=1)
    hub.cache.ask(hits=1, misses=10_000)
    hub.queue.depth = 12
    busy = ask_json(hub, STATS)
    assert busy["llm"] == {
        "enabled": True, "queueDepth": 12, "totalCalls": 30, "successfulCalls": 29, "failedCalls": 1,
        "averageLatency": 800, "p95Latency": 800, "p99Latency": 800, "timeouts": 1, "totalRetries": 2,
        "fallbacksUsed": 1, "circuitBreakerTrips": 0, "circuitBreakerState": "closed", "circuitBreakerFailures": 0,
        "successRate": "0.967"}
    assert busy["llmCache"] == {"size": 10_000, "hitRate": "0.000", "hits": 1, "misses": 10_000,
                                "memoryUsageBytes": 3_500_000, "memoryUsageMB": "3.34", "ttlSeconds": 3600,
                                "entryCount": 10_000}


@pytest.mark.parametrize("rates, success, hits", [("percent", "96.7%", "81%"), ("fraction", 0.967, 0.81)])
def test_the_scripts_shape_has_both_ways_to_write_a_rate(sim, rates, success, hits):
    hub = sim.hub(shape="scripts")
    hub.rates = rates
    hub.llm.call(success=967, failed=33)
    hub.cache.ask(hits=81, misses=19)
    hub.breaker.open(failures=7)
    stats = ask_json(hub, STATS)
    assert list(stats) == ["llm", "llmCache", "queue", "circuitBreaker"]
    assert (stats["llm"]["successRate"], stats["llmCache"]["hitRate"]) == (success, hits)
    assert stats["llm"]["totalRequests"] == 1000
    assert stats["circuitBreaker"] == {"state": "open", "consecutiveFailures": 7}


def test_latencies_are_percentiles_of_the_calls_unless_set(hub):
    for ms in range(1, 101):
        hub.llm.call(success=1, latency=ms)
    assert hub.llm.latencies() == {"average": 50.5, "p50": 50, "p95": 95, "p99": 99}
    hub.llm.set_latency(p95=2500)
    assert ask_json(hub, STATS)["llm"]["p95Latency"] == 2500
    assert ask_json(hub, STATS)["llm"]["p99Latency"] == 99


def test_a_patch_changes_adds_or_leaves_out_a_key(hub):
    hub.patch(HEALTH, "version", OMIT)
    hub.patch(STATS, "llm.cacheHits", 5)
    hub.patch(STATS, "enabled", OMIT)
    assert "version" not in ask_json(hub)
    assert ask_json(hub, STATS)["llm"]["cacheHits"] == 5
    assert "enabled" not in ask_json(hub, STATS)
    hub.unpatch()
    assert ask_json(hub)["version"] == "4.3.0"


# servers

def test_a_killed_server_keeps_all_but_its_uptime(hub):
    hub.clock.advance(90)
    before = one(hub)
    hub.server("github").kill()
    hub.clock.advance(10)
    after = one(hub)
    assert (before["uptime"], after["uptime"]) == (90, 0)
    assert {**after, "uptime": 90} == before


def test_a_reconnect_changes_last_started(hub):
    before = one(hub)
    hub.clock.advance(60)
    hub.server("github").reconnect()
    hub.clock.advance(5)
    after = one(hub)
    assert before["lastStarted"] < after["lastStarted"] and after["uptime"] == 5


def test_a_slow_start_has_uptime_0_and_an_old_last_started_and_then_counts(hub):
    hub.server("github").slow_start(seconds=45)
    assert one(hub)["uptime"] == 0
    assert one(hub)["lastStarted"] == "2027-01-15T07:59:15.000Z"
    hub.clock.advance(3)
    assert one(hub)["uptime"] == 3


def test_only_a_server_disabled_at_boot_has_a_growing_uptime(hub):
    hub.server("github").disable(at_boot=True)
    hub.server("memory").disable()
    hub.clock.advance(7)
    assert [(one(hub, n)["status"], one(hub, n)["uptime"]) for n in ("github", "memory")] == [
        ("disabled", 7), ("disabled", 0)]


def test_an_unauthorized_server_has_a_secret_in_its_url_and_nowhere_else(hub):
    hub.server("github").unauthorize()
    server = one(hub)
    assert server["status"] == "unauthorized" and SECRET in server["authorizationUrl"]
    server["authorizationUrl"] = None
    assert SECRET not in json.dumps(server)


def test_a_disconnected_server_offers_nothing(hub):
    hub.server("github").disconnect("exit 1")
    server = one(hub)
    assert (server["status"], server["error"], server["lastStarted"], server["serverInfo"]) == (
        "disconnected", "exit 1", None, None)
    assert server["capabilities"]["tools"] == []
    assert ask_json(hub)["mcpEndpoint"]["registeredCapabilities"]["tools"] == 23


def test_servers_can_be_added_removed_and_renamed(hub):
    hub.add_server('a/b "c"\n\0', tools=2, transport="sse")
    hub.remove_server("memory")
    hub.rename_server("github", "hubgit")
    assert [s["name"] for s in ask_json(hub)["servers"]] == ["hubgit", "filesystem", 'a/b "c"\n\0']


def test_a_name_with_half_a_surrogate_is_escaped_as_node_does(hub):
    hub.add_server("x\ud800")
    assert b'"name":"x\\ud800"' in ask(hub)[2]


def test_a_misspelt_attribute_is_an_error(hub):
    for part, name in [(hub, "active_clients"), (hub.llm, "timeout"), (hub.server("github"), "up")]:
        with pytest.raises(AttributeError):
            setattr(part, name, 1)


def test_changes_under_the_lock_are_seen_together(hub):
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            with hub.lock:
                hub.clients += 1
                hub.queue.depth = hub.clients

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        hub.patch(HEALTH, "x", 1)
        for _ in range(50):
            with hub.lock:
                health, stats = json.loads(hub.health()), json.loads(hub.stats())
            assert health["mcpEndpoint"]["activeClients"] == stats["llm"]["queueDepth"]
    finally:
        stop.set()
        thread.join()


# clients, workspaces, restarts

def test_clients_and_subscribers_are_told_apart(hub):
    hub.clients = 11
    hub.subscribe(2)
    health = ask_json(hub)
    assert health["mcpEndpoint"]["activeClients"] == 11
    assert health["activeClients"] == health["connections"]["totalConnections"] == 2
    assert list(health["connections"]["connections"][0]) == ["id", "state", "connectedAt", "lastEventAt"]


def test_workspaces_name_the_hubs_process_beside_stale_ones(hub):
    hub.add_workspace(40001, pid=999_999)
    hub.set_pid(4242)
    told = ask_json(hub)["workspaces"]
    assert told["current"] == str(hub.port)
    assert told["allActive"][str(hub.port)]["pid"] == 4242
    assert told["allActive"]["40001"]["pid"] == 999_999
    assert ask_json(hub, WORKSPACES)["workspaces"] == told["allActive"]
    hub.shutting_down(delay_ms=5000)
    own = ask_json(hub)["workspaces"]["allActive"][str(hub.port)]
    assert (own["state"], own["shutdownDelay"], own["pid"]) == ("shutting_down", 5000, 4242)
    hub.remove_workspace()
    assert list(ask_json(hub)["workspaces"]["allActive"]) == ["40001"]


def test_a_restart_resets_counters_and_start_times_on_the_same_port(hub):
    hub.llm.call(success=5)
    hub.breaker.open()
    hub.clients = 3
    before = ask_json(hub)
    hub.clock.advance(100)
    hub.restart()
    after, stats = ask_json(hub), ask_json(hub, STATS)
    assert stats["llm"]["totalCalls"] == 0 and stats["llm"]["circuitBreakerState"] == "closed"
    assert after["mcpEndpoint"]["activeClients"] == 0
    assert after["servers"][0]["uptime"] == 0
    key = str(hub.port)
    assert before["workspaces"]["allActive"][key]["startTime"] < after["workspaces"]["allActive"][key]["startTime"]


# on and off

def test_a_stopped_hub_refuses_and_comes_back_on_its_port(hub):
    port = hub.port
    hub.stop()
    hub.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(hub)
    hub.start()
    assert hub.port == port and ask(hub)[0] == 200


def test_another_can_take_the_port_of_a_closed_hub(sim, hub):
    hub.close()
    other = sim.hub(port=hub.port, servers=["other"])
    assert [s["name"] for s in ask_json(other)["servers"]] == ["other"]


def test_nobody_gets_the_port_of_a_stopped_hub_by_chance(hub):
    with socket.socket() as other:
        hub.stop()
        with pytest.raises(OSError):
            other.bind(("127.0.0.1", hub.port))
        hub.stop(keep_port=False)
        other.bind(("127.0.0.1", hub.port))


def test_a_hub_can_speak_tls(sim, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=wrong.example",
                    "-days", "1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hub = sim.hub(tls=context)
    assert hub.url.startswith("https://")
    trusting = ssl.create_default_context(cafile=certificate)
    with pytest.raises(OSError, match="127.0.0.1"):
        urllib.request.urlopen(hub.url + HEALTH, timeout=10, context=trusting)


def test_a_hub_is_a_context_manager(sim):
    with sim.hub(start=False) as hub:
        assert ask(hub)[0] == 200
    with pytest.raises(ConnectionRefusedError):
        ask(hub)


def test_a_stop_ends_connections_that_hang(hub):
    hub.fault("silent")
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
        client.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        hub.wait_for_requests(1)
        hub.stop()
        assert client.recv(1) == b""
    hub.wait_until(lambda: hub.connections_open == 0)


def test_a_unix_socket_serves_too(sim, tmp_path):
    path = str(tmp_path / "hub.sock")
    hub = sim.hub(unix=path)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(path)
        client.sendall(b"GET /api/health HTTP/1.0\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    hub.stop()
    assert not os.path.exists(path)


def test_idle_connections_are_closed(hub):
    hub.keep_alive = 0.01
    assert ask_raw(hub, b"GET /api/workspaces HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"}")
    hub.wait_until(lambda: hub.connections_open == 0)


def test_what_is_not_http_is_a_400(hub):
    for junk in (b"garbage\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 100_000):
        assert ask_raw(hub, junk, enough=12).startswith(b"HTTP/1.1 400")


def test_head_has_no_body(hub):
    status, headers, body = ask(hub, method="HEAD")
    assert status == 200 and body == b"" and int(headers["Content-Length"]) > 30_000


# what was asked

def test_requests_and_connections_are_counted(hub):
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=10)
    for path in (HEALTH, STATS + "?x=1", HEALTH):
        connection.request("GET", path, headers={"Authorization": "Bearer t"})
        connection.getresponse().read()
    hub.wait_for_answers(3)
    assert hub.requests == {HEALTH: 2, STATS: 1}
    assert (hub.count(HEALTH), hub.count(), hub.connections_accepted, hub.connections_open) == (2, 3, 1, 1)
    assert hub.last_headers["authorization"] == "Bearer t"
    connection.close()
    hub.wait_until(lambda: hub.connections_open == 0)
    hub.forget()
    assert (hub.count(), hub.connections_accepted, hub.last_headers) == (0, 0, {})


def test_waiting_for_requests_ends_with_the_last_of_them(hub):
    hub.wait_for_requests(0)
    asking = threading.Timer(0, lambda: [ask(hub) for _ in range(3)])
    asking.start()
    hub.wait_for_requests(3, HEALTH)
    assert hub.count(HEALTH) == 3
    asking.join()


def test_waiting_in_vain_says_what_came(hub):
    ask(hub)
    with pytest.raises(TimeoutError, match=re.escape("requests {'/api/health': 1}")):
        hub.wait_for_requests(2, timeout=0.01)


# faults

def test_an_unknown_fault_or_option_is_refused_at_once(hub):
    with pytest.raises(ValueError, match="truncated"):
        hub.fault("tuncated")
    with pytest.raises(TypeError):
        hub.fault("slow", speed=3)
    assert hub.faults == ()


def test_a_fault_of_one_path_leaves_the_others_alone_and_heals(hub):
    with hub.fault("html", path=STATS) as fault:
        assert ask(hub, STATS)[2].startswith(b"<!DOCTYPE html>")
        assert ask_json(hub)["state"] == "ready"
    assert fault.served == 1
    assert "llm" in ask_json(hub, STATS)


def test_a_fault_can_end_by_itself(hub):
    hub.fault("status", code=503, times=2)
    assert [ask(hub)[0] for _ in range(3)] == [503, 503, 200]


def test_a_fault_of_a_path_goes_before_one_of_all(hub):
    hub.fault("status", path=HEALTH, code=418)
    hub.fault("status", code=503)
    assert (ask(hub)[0], ask(hub, STATS)[0]) == (418, 503)
    hub.heal()
    assert (ask(hub)[0], ask(hub, STATS)[0]) == (200, 200)


def test_status_500_carries_the_hubs_json(hub):
    hub.fault("status")
    status, _, body = ask(hub)
    assert status == 500 and json.loads(body)["code"] == "REQUEST_ERROR"


def test_a_redirect_names_its_target(hub):
    hub.fault("redirect", to="http://127.0.0.1:1/x")
    status, headers, _ = ask(hub)
    assert status == 302 and headers["Location"] == "http://127.0.0.1:1/x"


@pytest.mark.parametrize("name, options", [
    ("cut_json", {}), ("cut_json", {"keep": 0}), ("broken_json", {}), ("trailing", {}), ("html", {}),
    ("body", {"data": b"\x00"}), ("invalid_utf8", {}), ("odd", {"value": "many words"}),
    ("deep", {"levels": 100, "closed": False})])
def test_spoiled_bodies_have_a_right_length_and_are_no_json(hub, name, options):
    hub.fault(name, **options)
    status, headers, body = ask(hub)
    assert status == 200 and int(headers["Content-Length"]) == len(body)
    with pytest.raises(ValueError):
        json.loads(body)


@pytest.mark.parametrize("opening", ["[", "{"])
def test_deep_nesting_has_the_depth_asked_for(hub, opening):
    hub.fault("deep", levels=1_000_000, opening=opening)
    body = ask(hub)[2]
    assert body.count(opening.encode()) == 1_000_000 + (opening == "{")
    hub.heal()
    hub.fault("deep", levels=50, opening=opening)
    assert ask_json(hub)


def test_odd_numbers_stand_where_numbers_stood(hub):
    with hub.fault("odd", value="1e400", key="uptime"):
        health = ask_json(hub)
    assert {s["uptime"] for s in health["servers"]} == {math.inf}
    with hub.fault("odd", value='"many"', key="successRate"):
        assert ask_json(hub, STATS)["llm"]["successRate"] == "many"
    with hub.fault("odd", value="-1"):
        stats = ask_json(hub, STATS)
    assert stats["llm"]["totalCalls"] == stats["totalTools"] == -1
    assert stats["llm"]["circuitBreakerState"] == "closed"


def test_duplicate_keys_come_first_or_last(hub):
    for first in (True, False):
        with hub.fault("duplicate", key="state", value='"error"', first=first):
            pairs = json.loads(ask(hub)[2], object_pairs_hook=list)
        states = [value for key, value in pairs if key == "state"]
        assert states == (["error", "ready"] if first else ["ready", "error"])


def test_an_edit_makes_any_body(hub):
    hub.fault("edit", function=lambda body: body.replace(b"ready", b"weird"))
    assert ask_json(hub)["state"] == "weird"


def test_truncated_ends_before_its_length(hub):
    hub.fault("truncated")
    with pytest.raises(http.client.IncompleteRead):
        ask(hub)


def test_hang_sends_headers_and_no_more(hub):
    hub.fault("hang", after=10)
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
        client.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        while not got.endswith(b'\r\n\r\n{"status":'):
            got += client.recv(65536)
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
    hub.wait_until(lambda: hub.connections_open == 0)


def test_silent_answers_nothing_while_others_are_served(sim, hub):
    other = sim.hub()
    hub.fault("silent")
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
        client.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        hub.wait_for_requests(1)
        assert ask(other)[0] == 200
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)


def test_slow_sends_all_in_the_end(hub):
    hub.fault("slow", bytes_per_second=2_000_000, delay=0.01)
    assert json.loads(ask(hub)[2])["state"] == "ready"
    hub.heal()
    hub.fault("slow", bytes_per_second=1, from_head=True)
    assert ask_raw(hub, enough=1) == b"H"


def test_a_client_that_leaves_a_slow_answer_is_gone(hub):
    hub.fault("slow", delay=3600)
    with pytest.raises(TimeoutError):
        ask(hub, timeout=0.05)
    hub.wait_until(lambda: hub.connections_open == 0)


@pytest.mark.parametrize("chunked", [False, True])
def test_oversize_has_the_size_asked_for_or_no_end(hub, chunked):
    with hub.fault("oversize", size=3_000_000, chunked=chunked):
        assert len(ask(hub)[2]) == 3_000_000
    with hub.fault("oversize", chunked=chunked):
        assert len(ask_raw(hub, enough=20_000_000)) >= 20_000_000
    hub.wait_until(lambda: hub.connections_open == 0)


@pytest.mark.parametrize("after", [None, 100])
def test_reset_is_an_rst(hub, after):
    hub.fault("reset", after=after)
    with pytest.raises(ConnectionResetError):
        ask_raw(hub)


def test_close_answers_nothing(hub):
    hub.fault("close")
    assert ask_raw(hub) == b""


def test_garbage_and_raw_bytes_are_sent_as_they_are(hub):
    with hub.fault("garbage"):
        assert ask_raw(hub).startswith(b"SSH-2.0")
    with hub.fault("raw", data=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"):
        assert ask_raw(hub) == b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"


@pytest.mark.parametrize("size", [1, 1000])
def test_chunks_of_any_size_are_the_good_body(hub, size):
    hub.fault("chunked", size=size)
    status, headers, body = ask(hub)
    assert headers["Transfer-Encoding"] == "chunked" and json.loads(body)["state"] == "ready"
    assert body == hub.health()


@pytest.mark.parametrize("name", sorted(hubsim.FAULTS))
def test_every_fault_ends_with_the_simulator(name):
    needed = {"raw": {"data": b"x"}, "edit": {"function": bytes.upper}, "deep": {"levels": 10}}
    with hubsim.Sim() as sim:
        hub = sim.hub()
        hub.fault(name, **needed.get(name, {}))
        with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as client:
            client.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
            hub.wait_for_requests(1)


# many

def test_a_thousand_hubs_and_a_hundred_hanging_connections_are_served(sim):
    hubs = [sim.hub() for _ in range(1000)]
    hubs[0].fault("silent")
    hanging = [socket.create_connection(("127.0.0.1", hubs[0].port), timeout=10) for _ in range(100)]
    for client in hanging:
        client.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
    hubs[0].wait_for_requests(100)
    assert all(ask(hub)[0] == 200 for hub in hubs[1:])
    assert len(hubs[1].health()) > 30_000
    for client in hanging:
        client.close()
    hubs[0].wait_until(lambda: hubs[0].connections_open == 0)


# as a process

@contextlib.contextmanager
def process(*options):
    command = [sys.executable, str(HERE / "hubsim.py"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0


def port_of(line):
    return int(re.fullmatch(r"URL http://127\.0\.0\.1:(\d+)\n", line)[1])


def order(port, **orders):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/_sim", json.dumps(orders))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_the_command_serves_hubs_and_obeys(sim):
    with process("--hubs", "2", "--shape", "flat", "--servers", "4", "--tools", "10", "--control") as running:
        first, second = (port_of(running.stdout.readline()) for _ in range(2))
        status, told = order(second, hub="hub1", set={"state": "restarting", "breaker.state": "open"},
                             call=[["servers.github.kill"], ["llm.call", {"failed": 5}], ["fault", {"name": "html",
                                   "path": STATS}]])
        assert status == 200 and told["running"] and told["requests"] == {}
        far = type("Far", (), {"port": first})
        assert ask_json(far)["state"] == "restarting"
        assert sum(len(s["capabilities"]["tools"]) for s in ask_json(far)["servers"]) == 10
        assert ask(far, STATS)[2].startswith(b"<!DOCTYPE")
        assert order(second, hub="hub1")[1]["requests"] == {HEALTH: 2, STATS: 1}
        order(second, hub="hub1", call=[["stop"]])
        with pytest.raises(ConnectionRefusedError):
            ask(far)
        assert order(second, set={"nonsense": 1})[0] == 400


def test_the_incident_is_told_from_health_to_recovery():
    with process("--story", "incident", "--speed", "1000", "--exit") as running:
        port_of(running.stdout.readline())
        told = running.stdout.read()
    for words in ("all is well", "95 %", "90 %", "breaker opens", "half-open", "dies while 'connected'",
                  "goes down", "is back", "recovered"):
        assert words in told
    assert "60 s  end of the story" in told


def test_the_incident_happens_as_it_is_told(sim):
    hub = sim.hub(shape="documented", servers=8)
    seen = []

    def look(_seconds):
        """At the end of each second: what a monitor would see."""
        if not hub.running:
            seen.append((words[-1], None))
            return False
        stats, health = json.loads(hub.stats())["llm"], json.loads(hub.health())
        rate = float(stats["successRate"]) if stats["totalCalls"] else None
        dead = [s["name"] for s in health["servers"] if not s["uptime"]]
        seen.append((words[-1], (rate, stats["queueDepth"], stats["circuitBreakerState"], dead, health["state"])))
        hub.clock.advance(1)
        return False

    words = []
    hub.clock.advance(100)
    hubsim.play(hub, hubsim.STORIES["incident"], look, lambda _, said: words.append(said))
    last = dict(seen)  # the last second of each step
    good, falling, low, opened, half, dead, down, back, recovered = (last[w] for w in words[:-1])
    assert good[:3] == (1.0, 0, "closed")
    assert 0.90 <= falling[0] < 0.95
    assert low[0] < 0.90 and low[1] > 50
    assert (opened[2], half[2]) == ("open", "half-open")
    assert dead[3] == ["postgres"]
    assert down is None
    assert back[4] == "starting"
    assert recovered == (1.0, 0, "closed", [], "ready")
    assert len(seen) == 60
