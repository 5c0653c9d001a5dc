# SPDX-License-Identifier: MIT
"""The samples for what stands around the hubs: every value comes, every rule fires and ends."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from daemon import Collectd, alerts_block
from samples import configuration, sample

HOST = "hub-1"
WELL = {"/status": {"ready": True, "servers": {"github": {"restarts": 3, "rss": 81000000}}},
        "/health": {"status": "ok"}}
AGENTS, BUILD = {"agents": {"alpha": {"age": 12}}}, {"build": {"ok": True}, "bench": {"p95": 0.8}}


class Neighbour:
    """Answers with the JSON that `pages` has for a path, None: with 503; after `delay` seconds."""

    def __enter__(self):
        pages, ended = dict(WELL), threading.Event()
        self.pages, self.ended, self.delay, neighbour = pages, ended, 0, self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                ended.wait(neighbour.delay)
                body = json.dumps(pages[self.path] or {}).encode()
                self.send_response(200 if pages[self.path] else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    def __exit__(self, *_):
        self.ended.set()
        self.stop()


@pytest.fixture
def neighbour():
    with Neighbour() as made:
        yield made


@pytest.fixture
def daemon(neighbour, tmp_path):
    for name, content in (("agents", AGENTS), ("build", BUILD)):
        (tmp_path / name).write_text(json.dumps(content))
    rules = tmp_path / "alerts.json"
    rules.write_text(sample("neighbours.json", **{'"2m"': '"3s"', '"1m"': '"1s"'}))
    config = configuration("neighbours.conf", {
        "127.0.0.1:8090": neighbour.address, "127.0.0.1:8091": neighbour.address,
        "/var/lib/agents/health.json": tmp_path / "agents", "/var/lib/builds/last.json": tmp_path / "build"})
    with Collectd(tmp_path / "collectd", alerts_block(rules) + "\n" + config, plugins=["mcp_hub_alerts"],
                  host=HOST) as made:
        yield made
    assert not made.lines(r"\[(error|warning)\].*not a valid"), made.told()


def test_every_value_of_the_sample_comes(daemon):
    for identity, value in (("curl_json-launcher/bool-ready", 1),
                            ("curl_json-launcher/derive-servers-github-restarts", 3),
                            ("curl_json-launcher/ps_rss-servers-github-rss", 81000000),
                            ("curl_json-agents/duration-agents-alpha-age", 12), ("curl_json-build/bool-ok", 1),
                            ("curl_json-build/duration-p95", 0.8), ("curl-gateway/response_code", 200)):
        daemon.wait_value(identity, lambda seen, wanted=value: seen == wanted)
    daemon.wait_value("curl-gateway/response_time", lambda seen: 0 < seen < 10)
    daemon.wait_value("curl-gateway/derive-ok", lambda seen: seen >= 2)


def test_rules_fire_and_end(daemon, neighbour, tmp_path):
    daemon.wait_value("curl-gateway/derive-ok", lambda seen: seen >= 2)
    daemon.wait_value("curl_json-launcher/derive-servers-github-restarts")
    assert not daemon.notified()
    neighbour.pages.update({"/status": {"ready": False, "servers": {"github": {"restarts": 9, "rss": 1}}},
                            "/health": None})
    (tmp_path / "agents").write_text(json.dumps({"agents": {"alpha": {"age": 400}}}))
    (tmp_path / "build").write_text(json.dumps({"build": {"ok": False}, "bench": {"p95": 2.5}}))
    for rule, level in (("launcher_not_ready", "critical"), ("launcher_restarts", "warning"),
                        ("agent_silent", "critical"), ("build_broken", "warning"), ("benchmark_slow", "warning"),
                        ("gateway_status", "critical"), ("gateway_not_ok", "warning")):
        daemon.wait_notification(rule=rule, level=level, status="firing")
    neighbour.pages.update(WELL)
    (tmp_path / "agents").write_text(json.dumps(AGENTS))
    (tmp_path / "build").write_text(json.dumps(BUILD))
    for rule in ("launcher_not_ready", "agent_silent", "build_broken", "benchmark_slow", "gateway_status",
                 "gateway_not_ok"):
        daemon.wait_notification(rule=rule, status="resolved")


def test_a_neighbour_that_is_gone_is_told(daemon, neighbour):
    daemon.wait_value("curl-gateway/response_code", lambda seen: seen == 200)
    daemon.wait_value("curl_json-launcher/bool-ready")
    neighbour.stop()
    for rule in ("launcher_gone", "gateway_gone"):
        daemon.wait_notification(rule=rule, level="critical", severity="FAILURE")


def test_a_neighbour_that_is_slow_is_told(daemon, neighbour):
    daemon.wait_value("curl-gateway/response_code", lambda seen: seen == 200)
    neighbour.delay = 2.2
    daemon.wait_notification(rule="gateway_slow", level="warning")
