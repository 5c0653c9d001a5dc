# SPDX-License-Identifier: MIT
"""The plugins as guests of collectd: what they export, what they ask of a hub, how they end."""
import base64
import os
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from certificates import Authority, openssl
from daemon import BUILD, DEPLOYED_RULES, OURS, SANITIZERS, SOURCE, TIMEOUT, Collectd, alerts_block, hub_block, hubs_block
from hubsim import HEALTH, STATS

SECRET = "t0ken-S3CRET"
HOUR = 3600  # seconds: longer than any wait here


@pytest.mark.skipif(SANITIZERS, reason="sanitizers bring libraries along, and are not fortified")
@pytest.mark.parametrize("file", [*(f".libs/{name}.so" for name in OURS), "mcphubctl"])
def test_what_is_built_is_hardened_and_exports_and_needs_nothing_else(file):
    told = subprocess.run([SOURCE / "tests/package/hardening", BUILD / file], capture_output=True, text=True)
    assert (told.stderr, told.returncode) == ("", 0)


@pytest.mark.parametrize("plugins", [["mcp_hub"], ["mcp_hub_alerts"], OURS, OURS[::-1]], ids="+".join)
def test_the_plugins_load_with_all_their_symbols_alone_and_together(collectd, sim, plugins):
    blocks = {"mcp_hub": hubs_block(hub_block("prod", sim.hub("prod").url)),
              "mcp_hub_alerts": alerts_block(DEPLOYED_RULES)}
    daemon = collectd("\n".join(blocks[name] for name in plugins), plugins=plugins,
                      environment={"LD_BIND_NOW": "1"}).start()
    if "mcp_hub" in plugins:
        daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)
    if "mcp_hub_alerts" in plugins:
        daemon.wait_value("mcp_hub_alerts/bool-rules_current", lambda current: current == 1)
    daemon.stop()
    ended_early = "plugin: [0-9]+ value lists were left"  # collectd's own words at a quick end
    assert daemon.lines(rf"\[(err|warn)\w*\] (?!{ended_early})") == []
    assert daemon.identities("mcp_hub-prod") if "mcp_hub" in plugins else True


def read_alone(collectd, hub, reads=6, name="prod", **options):
    daemon = collectd(hubs_block(hub_block(name, hub.url, **options)), plugins=["mcp_hub"]).start()
    return daemon, daemon.wait_reads(reads, name)


def test_a_read_is_one_request_for_health_and_one_for_statistics(collectd, sim):
    hub = sim.hub(shape="documented")
    daemon, reads = read_alone(collectd, hub)
    hub.stop()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 0)
    done = sum(r.values["bool-up"] for r in daemon.rounds[daemon.host, "prod"])
    assert done >= len(reads)
    assert done <= hub.count(HEALTH) <= done + 1, "one may have been under way at the end"
    assert hub.count(HEALTH) - 1 <= hub.count(STATS) <= hub.count(HEALTH)
    assert hub.count() == hub.count(HEALTH) + hub.count(STATS)
    assert hub.connections_accepted == 1, "the connection is kept"


def test_a_hub_without_statistics_is_not_asked_again_and_again(collectd, sim):
    hub = sim.hub(shape="upstream")
    daemon, reads = read_alone(collectd, hub)
    assert hub.count(HEALTH) >= len(reads) and hub.count(STATS) == 1
    assert {name for read in reads for name in read if name.startswith("errors-") and read[name]} == set()
    assert daemon.lines('hub "prod"') == [], "nothing is wrong with it"


def test_statistics_are_asked_for_again_after_a_restart(collectd, sim):
    hub = sim.hub(shape="upstream")
    daemon, _ = read_alone(collectd, hub, 2)
    assert hub.count(STATS) == 1
    hub.stop()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 0)
    hub.shape = "flat"
    hub.start()
    daemon.wait_value("mcp_hub-prod/mcp_tools-total", lambda tools: tools == 36)


@pytest.mark.parametrize("fault, options", [("silent", {}), ("hang", {"after": 100}),
                                            ("slow", {"bytes_per_second": 50}), ("oversize", {"chunked": True})])
def test_sigterm_ends_collectd_while_a_hub_is_read(collectd, sim, fault, options):
    hub = sim.hub("slow")
    hub.fault(fault, **options)
    daemon = collectd(hubs_block(hub_block("slow", hub.url, Interval=HOUR, MaxBodySize=1 << 40)) + "\n"
                      + alerts_block(DEPLOYED_RULES)).start()
    hub.wait_for_requests(1, HEALTH)
    daemon.stop()
    assert daemon.identities("mcp_hub-slow") == set(), "an aborted read says nothing"


def test_sigterm_ends_collectd_while_a_handshake_hangs(collectd):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(TIMEOUT)
        daemon = collectd(hubs_block(hub_block("deaf", f"https://127.0.0.1:{deaf.getsockname()[1]}", Interval=HOUR)),
                          plugins=["mcp_hub"], whole_stacks=False).start()
        with deaf.accept()[0] as peer:
            assert peer.recv(1) == b"\x16", "a handshake begins"
            daemon.stop()


def test_one_hanging_hub_delays_nobody(collectd, sim):
    hanging, others = sim.hub("hanging"), {f"hub{i}": sim.hub(f"beside{i}") for i in range(10)}
    hanging.fault("silent")
    daemon = collectd(hubs_block(hub_block("hanging", hanging.url, Interval=HOUR),
                                 *(hub_block(name, hub.url) for name, hub in others.items())),
                      plugins=["mcp_hub"]).start()
    hanging.wait_for_requests(1, HEALTH)
    for reads in daemon.wait_reads_of(others, 3).values():
        assert {read["bool-up"] for read in reads} == {1}
    assert hanging.count() == 1 and daemon.complete("hanging") == []


# access

def test_the_reads_of_many_hubs_do_not_begin_in_one_instant(collectd, sim):
    hub = sim.hub()
    names = [f"hub{n}" for n in range(100)]
    daemon = collectd(hubs_block(*(hub_block(name, hub.url) for name in names)), plugins=["mcp_hub"],
                      speed=5).start()
    daemon.wait_reads(3, names[-1])
    first, last = (daemon.complete(name) for name in (names[0], names[-1]))
    # A busy machine may press a round together, hardly each of them.
    assert max(b.time - a.time for a, b in zip(first, last)) > 0.2
    daemon.stop()


def test_a_unix_socket_is_used_instead_of_the_port(collectd, sim, tmp_path):
    hub = sim.hub(unix=str(tmp_path / "hub.sock"))
    daemon = collectd(hubs_block(hub_block("prod", "http://127.0.0.1:9", UnixSocket=tmp_path / "hub.sock")),
                      plugins=["mcp_hub"]).start()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)
    assert hub.last_headers["host"] == "127.0.0.1:9"


def test_a_path_prefix_is_kept(collectd, sim):
    hub = sim.hub()
    daemon = collectd(hubs_block(hub_block("prod", hub.url + "/hubs/7/")), plugins=["mcp_hub"]).start()
    daemon.wait_log(r'hub "prod".*HTTP status 404')
    assert hub.last_request.path == "/hubs/7" + HEALTH


def test_basic_authentication_arrives(collectd, sim):
    hub = sim.hub()
    daemon, _ = read_alone(collectd, hub, 1, User="monitor", Password=SECRET)
    sent = base64.b64encode(f"monitor:{SECRET}".encode()).decode()
    assert hub.last_headers["authorization"] == f"Basic {sent}"
    assert SECRET not in daemon.told() and sent not in daemon.told()


def test_a_bearer_token_arrives_and_is_read_again(collectd, sim, tmp_path):
    hub, token = sim.hub(), tmp_path / "token"
    token.write_text(f"{SECRET}-1\n")
    daemon, _ = read_alone(collectd, hub, 1, BearerTokenFile=token)
    assert hub.last_headers["authorization"] == f"Bearer {SECRET}-1"
    token.write_text(f"{SECRET}-2\n")
    hub.wait_until(lambda: hub.last_headers["authorization"] == f"Bearer {SECRET}-2")
    token.unlink()
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 0)
    daemon.wait_log(f'hub "prod".*{token}')
    token.write_text(f"{SECRET}-3\n")
    daemon.wait_value("mcp_hub-prod/bool-up", lambda up: up == 1)
    assert SECRET not in daemon.told()


def test_headers_arrive(collectd, sim):
    hub = sim.hub()
    config = hubs_block(hub_block("prod", hub.url).replace(
        "  </Hub>", f'    Header "X-Api-Key: {SECRET}"\n    Header "X-Tenant: blue"\n  </Hub>'))
    daemon = collectd(config, plugins=["mcp_hub"]).start()
    daemon.wait_reads(1, "prod")
    assert hub.last_headers["x-api-key"] == SECRET and hub.last_headers["x-tenant"] == "blue"
    assert SECRET not in daemon.told()


# TLS

@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("theirs"), "theirs")


class NoTls(socketserver.BaseRequestHandler):
    """What Node says to a handshake on a port without TLS."""

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


class Alerting(socketserver.BaseRequestHandler):
    """Refuses who has no certificate in words of TLS 1.3, after the client's handshake has ended well."""

    def handle(self):
        with self.server.context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False) as tls:
            try:
                tls.do_handshake()
            except ssl.SSLError:
                tls.shutdown(socket.SHUT_WR)
                while tls.recv(65536):  # an end with something unread would be a reset and overtake the alert
                    pass


@contextmanager
def served(handler, context=None):
    """The port of a server with this handler."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.context = context
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(scope="module")
def tls(sim, ours, theirs, tmp_path_factory):
    """Hubs of each kind in one collectd, after three reads."""
    key, certificate = ours.issue("monitor", "DNS:monitor", "clientAuth")
    right = sim.hub("right", tls=ours.server("right", "IP:127.0.0.1"))
    other = sim.hub("other", tls=ours.server("other", "DNS:other.example.com"))
    strict = sim.hub("strict", tls=ours.server("strict", "IP:127.0.0.1", clients=ours))
    kinds = {
        "trusted": (right, {"CACert": ours.certificate}),
        "untrusted": (right, {"CACert": theirs.certificate}),
        "unknown": (right, {}),
        "unverified": (right, {"VerifyPeer": False}),
        "othername": (other, {"CACert": ours.certificate}),
        "anyname": (other, {"CACert": ours.certificate, "VerifyHost": False}),
        "client": (strict, {"CACert": ours.certificate, "ClientCert": certificate, "ClientKey": key}),
        "noclient": (strict, {"CACert": ours.certificate}),
    }
    blocks = [hub_block(name, hub.url, **options) for name, (hub, options) in kinds.items()]
    alerting = ours.server("alerting", "IP:127.0.0.1", clients=ours)
    with served(NoTls) as plain, served(Alerting, alerting) as refusing:
        blocks += [hub_block("notls", f"https://127.0.0.1:{plain}"),
                   hub_block("alert", f"https://127.0.0.1:{refusing}", CACert=ours.certificate)]
        with Collectd(tmp_path_factory.mktemp("tls") / "collectd", hubs_block(*blocks),
                      plugins=["mcp_hub"], whole_stacks=False, speed=10) as collectd:
            collectd.wait_reads_of([*kinds, "notls", "alert"], 3)
            yield collectd


@pytest.mark.parametrize("name", ["trusted", "unverified", "anyname", "client"])
def test_a_certificate_that_is_right_or_need_not_be_is_accepted(tls, name):
    reads = tls.complete(name)
    assert {r.values["bool-up"] for r in reads} == {1} and {r.values["errors-tls"] for r in reads} == {0}
    assert tls.lines(f'hub "{name}"') == []


@pytest.mark.parametrize("name", ["untrusted", "unknown", "othername", "notls", "alert"])
def test_a_certificate_that_is_wrong_is_refused_and_said_once(tls, name):
    for number, read in enumerate(tls.complete(name), 1):
        assert read.values["bool-up"] == 0 and read.values["mcp_hub_state"] == 8
        assert read.values["errors-tls"] == number
    assert len(tls.lines(f'hub "{name}".* tls: ')) == 1
    assert len(tls.lines(f'hub "{name}"')) == 1


def test_a_hub_that_wants_a_certificate_of_ours_refuses_without(tls):
    for read in tls.complete("noclient"):
        assert read.values["bool-up"] == 0
        assert "mcp_servers-total" not in read.values
    assert len(tls.lines('hub "noclient"')) == 1


def test_an_authority_that_is_renewed_is_trusted_at_the_next_connection(collectd, sim, ours, theirs, tmp_path):
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(theirs.certificate.read_bytes())
    hub = sim.hub("renewed", tls=ours.server("renewed", "IP:127.0.0.1"))
    daemon = collectd(hubs_block(hub_block("renewed", hub.url, CACert=trusted)), plugins=["mcp_hub"],
                      whole_stacks=False).start()
    daemon.wait_value("mcp_hub-renewed/errors-tls", lambda errors: errors >= 2)
    (tmp_path / "new").write_bytes(ours.certificate.read_bytes())
    os.replace(tmp_path / "new", trusted)
    daemon.wait_value("mcp_hub-renewed/bool-up", lambda up: up == 1)


class Attended(Collectd):
    """A collectd in the foreground, at whose standard input somebody sits and types nothing."""

    def command(self, *options):
        fifo = self.folder / "stdin"
        os.mkfifo(fifo)
        return ["sh", "-c", 'exec "$@" <>"$0"', str(fifo), *super().command(*options)]


def test_nobody_is_asked_for_the_passphrase_of_a_key(sim, ours, tmp_path):
    key, certificate = ours.issue("locked", "DNS:locked", "clientAuth")
    locked = tmp_path / "locked.key"
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:s", "-out", locked)
    strict = sim.hub("locked out", tls=ours.server("locked out", "IP:127.0.0.1", clients=ours))
    blocks = hubs_block(hub_block("locked", strict.url, CACert=ours.certificate, ClientCert=certificate,
                                  ClientKey=locked), hub_block("beside", sim.hub("beside it").url))
    with Attended(tmp_path / "collectd", blocks, plugins=["mcp_hub"], whole_stacks=False) as collectd:
        assert collectd.wait_reads(3, "beside")[2]["bool-up"] == 1
        read = collectd.wait_reads(1, "locked")[0]
        assert read["bool-up"] == 0 and read["errors-tls"] >= 1
        assert len(collectd.lines('hub "locked".* tls: .*')) == len(collectd.lines('hub "locked"')) == 1


# what collectd's users see of time

def test_values_are_stamped_when_they_were_read(collectd, sim):
    hub = sim.hub()
    began = time.time()
    daemon, _ = read_alone(collectd, hub, 2)
    stamps = [r.time for r in daemon.complete("prod")]
    assert began <= stamps[0] and stamps == sorted(stamps) and stamps[-1] <= time.time()
