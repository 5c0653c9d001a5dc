# SPDX-License-Identifier: MIT
"""Files of tokens, keys and certificates that go away, change or become something else while collectd runs.

Whatever takes their place, nobody waits for it: other hubs are read, SIGTERM ends collectd, and the hub is read
again as soon as its file is back.
"""
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from certificates import Authority
from daemon import HOST, Powerless, hub_block, hubs_block

TOKEN = "s3cret"


@dataclass
class Place:
    """A file that a hub cannot be read without, and what may be there instead."""
    path: Path
    cause: str  # of the failed reads

    def __post_init__(self):
        self.right = self.path.read_bytes()
        self.number = 0

    def clear(self):
        if self.path.is_dir() and not self.path.is_symlink():
            self.path.rmdir()
        else:
            self.path.unlink(missing_ok=True)

    def put(self, make):
        """By rename where that is possible: at no time is there anything in between."""
        self.number += 1
        new = self.path.with_name(f"{self.path.name}.{self.number}")
        make(new)
        if new.is_dir() or self.path.is_dir():
            self.clear()
        os.rename(new, self.path)

    def restore(self):
        self.put(lambda new: new.write_bytes(self.right))


def unreadable(path):
    path.touch(0o000)


WRONG = {
    "missing": Place.clear,
    "a pipe": lambda place: place.put(os.mkfifo),
    "a folder": lambda place: place.put(os.mkdir),
    "a dangling link": lambda place: place.put(lambda new: new.symlink_to("nowhere")),
    "unreadable": lambda place: place.put(unreadable),
    "empty": lambda place: place.put(Path.touch),
    "nonsense": lambda place: place.put(lambda new: new.write_bytes(b"\x00\xff two words\n")),
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


class Scene:
    """Hubs that want a token, an authority, a certificate and a key of ours, and one that wants nothing."""

    def __init__(self, sim, ours, folder):
        token, authority, certificate, key = (folder / name for name in ("token", "ca.pem", "own.pem", "own.key"))
        made_key, made_certificate = ours.issue("monitor", "DNS:monitor", "clientAuth")
        token.write_text(TOKEN + "\n")
        for copy, original in ((authority, ours.certificate), (certificate, made_certificate), (key, made_key)):
            copy.write_bytes(original.read_bytes())
        self.places = {"token": Place(token, "connect"), "authority": Place(authority, "tls"),
                       "certificate": Place(certificate, "tls"), "key": Place(key, "tls")}
        strict = {name: ours.server(name, "IP:127.0.0.1", clients=ours) for name in ("certificate", "key")}
        self.hubs = {"token": sim.hub(), "authority": sim.hub(tls=ours.server("authority", "IP:127.0.0.1")),
                     **{name: sim.hub(tls=context) for name, context in strict.items()}}
        options = {"token": {"BearerTokenFile": token}, "authority": {"CACert": authority},
                   "certificate": {"CACert": ours.certificate, "ClientCert": certificate, "ClientKey": made_key},
                   "key": {"CACert": ours.certificate, "ClientCert": made_certificate, "ClientKey": key}}
        self.beside = sim.hub()
        self.daemon = Powerless(folder / "collectd", hubs_block(
            hub_block("beside", self.beside.url),
            *(hub_block(name, hub.url, **options[name]) for name, hub in self.hubs.items())),
            plugins=["mcp_hub"], whole_stacks=False)

    def drop_connections(self):
        """A file counts for the next connection."""
        for hub in self.hubs.values():
            hub.stop()
            hub.start()

    def wait_up(self, up):
        """All of them, in a read that began after now."""
        self.daemon.wait_until(lambda start=time.time(): all(
            any(value == up for value in self.daemon.since((HOST, f"mcp_hub-{name}/bool-up"), start))
            for name in self.places), f"all hubs with bool-up {up}")


@pytest.fixture(scope="module")
def scene(sim, ours, tmp_path_factory):
    made = Scene(sim, ours, tmp_path_factory.mktemp("credentials"))
    with made.daemon:
        made.wait_up(1)
        yield made


@pytest.mark.parametrize("name", WRONG)
def test_a_credential_that_turns_wrong_is_said_once_holds_nobody_up_and_may_come_back(scene, name):
    before = len(scene.daemon.log)
    for place in scene.places.values():
        WRONG[name](place)
    scene.drop_connections()
    scene.wait_up(0)
    scene.daemon.wait_reads_of(["beside", *scene.places])
    said = [line for line in scene.daemon.log[before:] if "[error]" in line]
    for hub, place in scene.places.items():
        mine = [line for line in said if f'hub "{hub}"' in line and f": {place.cause}: " in line]
        assert len(mine) == 1, (hub, said)
    assert {read.values["bool-up"] for read in scene.daemon.complete("beside")} == {1}
    for place in scene.places.values():
        place.restore()
    scene.drop_connections()
    scene.wait_up(1)
    assert TOKEN not in "\n".join(scene.daemon.log)


def test_a_credential_that_has_become_a_pipe_does_not_keep_collectd_from_ending(sim, ours, tmp_path):
    scene = Scene(sim, ours, tmp_path)
    with scene.daemon as daemon:
        scene.wait_up(1)
        for place in scene.places.values():
            place.put(os.mkfifo)
        scene.drop_connections()
        daemon.wait_reads(2, "beside")
        daemon.stop()


def test_a_token_that_is_changed_is_sent_at_the_next_read(scene):
    hub, place = scene.hubs["token"], scene.places["token"]
    place.put(lambda new: new.write_text("an0ther\n"))
    scene.daemon.wait_until(lambda: hub.last_headers.get("authorization") == "Bearer an0ther", "the new token")
    place.restore()
