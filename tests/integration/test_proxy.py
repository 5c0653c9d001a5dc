# SPDX-License-Identifier: MIT
"""Hubs behind a real nginx: TLS, logins, paths and sockets as operators set them up.

All kinds are read by one collectd, side by side.
"""
import base64
import os
from dataclasses import dataclass
from string import Template

import pytest

from certificates import Authority
from daemon import CAUSES, Collectd, hub_block, hubs_block
from hubsim import HEALTH
from nginx import Nginx, free_ports

PASSWORD, TOKEN = "pass-of-the-monitor", "token-of-the-monitor"

PASS = "location / { proxy_pass $hub; }"

# server in nginx -> certificate (None: no TLS), what stands in its block
SERVERS = {
    "plain": (None, PASS),
    "tls": ("right", PASS),
    "tls alone": ("right", PASS),  # curl 8 sends http:// over a TLS connection that it has to the same port
    "http2": ("right", PASS),
    "tls 1.2": ("right", "ssl_protocols TLSv1.2; " + PASS),
    "other": ("other", PASS),
    "expired": ("expired", PASS),
    "named": ("named", PASS),
    "rejecting": ("right", "ssl_reject_handshake on;"),
    "strict": ("right", "ssl_client_certificate $ours; ssl_verify_client on; " + PASS),
    "basic": ("right", "auth_basic hub; auth_basic_user_file $users; " + PASS),
    "bearer": ("right", "if ($known = 0) { return 401; } " + PASS),
    "prefix": (None, "location /mcp/prod/ { proxy_pass $hub/; }"),
    "redirect": (None, "return 301 https://127.0.0.1:$tls/led$request_uri;"),
    "gzip": (None, "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; " + PASS),
    "gone": (None, "location / { proxy_pass http://127.0.0.1:9; }"),
    "socket": (None, PASS),
}


@dataclass
class Kind:
    """A <Hub>: its nginx server, its options by name, and how it must fare."""
    server: str
    options: dict
    cause: str | None = None
    says: str = ""
    scheme: str = "https"
    host: str = "127.0.0.1"
    path: str = ""


OURS = {"CACert": "@ours"}  # @: a file of Place
KINDS = {
    "trusted": Kind("tls", OURS),
    "http2": Kind("http2", OURS),
    "tls 1.2": Kind("tls 1.2", OURS),
    "unknown authority": Kind("tls", {}, "tls", "certificate"),
    "wrong authority": Kind("tls", {"CACert": "@theirs"}, "tls", "certificate"),
    "any authority": Kind("tls", {"VerifyPeer": False}),
    "wrong host": Kind("other", OURS, "tls", "127.0.0.1"),
    "any host": Kind("other", {**OURS, "VerifyHost": False}),
    "by name": Kind("named", OURS, host="localhost"),
    "not by name": Kind("named", OURS, "tls", "127.0.0.1"),
    "rejected": Kind("rejecting", OURS, "tls", "name", host="localhost"),
    "expired": Kind("expired", OURS, "tls", "expired"),
    "tls to plain": Kind("plain", {}, "tls"),
    "plain to tls": Kind("tls alone", {}, "http", "400", scheme="http"),
    "client": Kind("strict", {**OURS, "ClientCert": "@monitor", "ClientKey": "@monitor key"}),
    "no client": Kind("strict", OURS, "http", "400"),
    "wrong client": Kind("strict", {**OURS, "ClientCert": "@stranger", "ClientKey": "@stranger key"}, "http", "400"),
    "login": Kind("basic", {**OURS, "User": "monitor", "Password": PASSWORD}),
    "no login": Kind("basic", OURS, "http", "401"),
    "wrong login": Kind("basic", {**OURS, "User": "monitor", "Password": "other"}, "http", "401"),
    "token": Kind("bearer", {**OURS, "BearerTokenFile": "@token"}),
    "no token": Kind("bearer", OURS, "http", "401"),
    "old token": Kind("bearer", {**OURS, "BearerTokenFile": "@old token"}, "http", "401"),
    "prefix": Kind("prefix", {}, scheme="http", path="/mcp/prod"),
    "no prefix": Kind("prefix", {}, "http", "404", scheme="http"),
    "redirect": Kind("redirect", {}, "http", "301.*redirect", scheme="http"),
    "gzip": Kind("gzip", {}, scheme="http"),
    "gzip asked for": Kind("gzip", {"Header": "Accept-Encoding: gzip"}, "parse", scheme="http"),
    "no upstream": Kind("gone", {}, "http", "502", scheme="http"),
    "unix socket": Kind("socket", {"UnixSocket": "@socket"}, scheme="http"),
}
GOOD = [name for name, kind in KINDS.items() if kind.cause is None]
REFUSED = [name for name, kind in KINDS.items() if kind.cause]


class Place:
    """The files that nginx and collectd share."""

    def __init__(self, folder):
        ours, theirs = Authority(folder, "ours"), Authority(folder, "theirs")
        self.servers = {"right": ours.issue("right", "IP:127.0.0.1"),
                        "other": ours.issue("other", "DNS:other.example.com"),
                        "named": ours.issue("named", "DNS:localhost"),
                        "expired": ours.issue("expired", "IP:127.0.0.1", days=0)}
        key, certificate = ours.issue("monitor", "DNS:monitor", "clientAuth")
        wrong_key, wrong = theirs.issue("stranger", "DNS:monitor", "clientAuth")
        self.files = {"ours": ours.certificate, "theirs": theirs.certificate, "monitor": certificate,
                      "monitor key": key, "stranger": wrong, "stranger key": wrong_key, "socket": folder / "socket",
                      "token": folder / "token", "old token": folder / "old", "users": folder / "users"}
        self.files["users"].write_text(f"monitor:{{PLAIN}}{PASSWORD}\n")
        self.files["token"].write_text(TOKEN + "\n")
        self.files["old token"].write_text("token-of-last-year\n")
        self.ports = dict(zip(SERVERS, free_ports(len(SERVERS))))

    def block(self, name, hub):
        """nginx's server; words of nginx's own keep their dollar."""
        certificate, text = SERVERS[name]
        listen = f"unix:{self.files['socket']}" if name == "socket" else f"127.0.0.1:{self.ports[name]}"
        if certificate:
            listen += " ssl" + " http2" * (name == "http2")
            text = "ssl_certificate_key {}; ssl_certificate {}; ".format(*self.servers[certificate]) + text
        return Template(f"server {{ listen {listen}; {text} }}").safe_substitute(
            hub=hub.url, tls=self.ports["tls"], ours=self.files["ours"], users=self.files["users"])

    def nginx(self, folder, hub):
        known = f'map $http_authorization $known {{ default 0; "Bearer {TOKEN}" 1; }}'
        return Nginx(folder, known, *(self.block(name, hub) for name in SERVERS))

    def hub(self, name, kind):
        options = {key: self.files[value[1:]] if str(value).startswith("@") else value
                   for key, value in kind.options.items()}
        return hub_block(name, f"{kind.scheme}://{kind.host}:{self.ports[kind.server]}{kind.path}", **options)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def hub(sim):
    return sim.hub("behind", "documented", tools=300)


@pytest.fixture(scope="module")
def nginx(place, hub, tmp_path_factory):
    with place.nginx(tmp_path_factory.mktemp("proxy") / "nginx", hub) as made:
        yield made


@pytest.fixture(scope="module")
def proxied(place, nginx, tmp_path_factory):
    """All kinds after three reads."""
    blocks = hubs_block(*(place.hub(name, kind) for name, kind in KINDS.items()))
    with Collectd(tmp_path_factory.mktemp("proxied") / "collectd", blocks, plugins=["mcp_hub"],
                  whole_stacks=False, speed=5) as collectd:
        collectd.wait_reads_of(KINDS, 3)
        yield collectd


@pytest.mark.parametrize("name", GOOD)
def test_a_hub_that_may_be_read_through_the_proxy_is(proxied, name):
    for round in proxied.complete(name):
        read = round.values
        assert read["bool-up"] == 1 and read["mcp_servers-connected"] == 3 and read["mcp_capabilities-tools"] == 300
        assert "mcp_tools-total" in read, "statistics go the same way"
        assert {read[f"errors-{cause}"] for cause in CAUSES} == {0}
    assert proxied.lines(f'hub "{name}"') == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_counted_under_its_cause_and_said_once(proxied, name):
    kind = KINDS[name]
    for number, round in enumerate(proxied.complete(name), 1):
        read = round.values
        assert read["bool-up"] == 0 and "mcp_servers-total" not in read
        assert {cause: read[f"errors-{cause}"] for cause in CAUSES} == {**dict.fromkeys(CAUSES, 0), kind.cause: number}
    lines = proxied.lines(f'hub "{name}"')
    assert len(lines) == 1, lines
    assert proxied.lines(rf'\[error\].*hub "{name}".*{HEALTH}: {kind.cause}: .*{kind.says}') == lines


def test_a_redirect_is_not_followed(proxied, nginx):
    asked = {line.split('"')[1] for line in nginx.access.read_text().splitlines() if '" 301 ' in line or "/led" in line}
    assert asked == {f"GET {HEALTH} HTTP/1.1"}


def test_no_login_is_told(proxied):
    proxied.poll()
    written = "".join((proxied.folder / name).read_text() for name in ("log", "values", "notifications", "stderr"))
    for secret in (PASSWORD, base64.b64encode(f"monitor:{PASSWORD}".encode()).decode(), TOKEN, "token-of-last-year"):
        assert secret not in written


def test_a_token_that_is_renewed_is_sent_at_the_next_read(place, nginx, tmp_path):
    token = tmp_path / "token"
    token.write_text("token-of-yesterday\n")
    kind = Kind("bearer", {"VerifyPeer": False, "BearerTokenFile": token})
    with Collectd(tmp_path / "collectd", hubs_block(place.hub("renewed", kind)), plugins=["mcp_hub"],
                  whole_stacks=False) as collectd:
        collectd.wait_value("mcp_hub-renewed/errors-http", lambda errors: errors >= 2)
        (tmp_path / "new").write_text(TOKEN + "\n")
        os.replace(tmp_path / "new", token)
        collectd.wait_value("mcp_hub-renewed/bool-up", lambda up: up == 1)
        assert {read["bool-up"] for read in collectd.wait_reads(2, "renewed")} == {1}
        lines = collectd.lines('hub "renewed"')
        assert len(lines) == 2, lines
        assert "401" in lines[0] and "answers again" in lines[1]
