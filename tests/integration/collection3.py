# SPDX-License-Identifier: MIT
"""collection3 as Debian ships it, served by a real lighttpd as in docs/graphs.md, over RRD files.

    with Collection3(folder, data) as site:
        png = site.graph(plugin="mcp_hub", plugin_instance="prod", type="mcp_servers")
        page = site.get("/bin/index.cgi")
"""
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections import Counter
from pathlib import Path

from daemon import SOURCE, TIMEOUT
from documents import block
from nginx import free_ports

SHIPPED = Path("/usr/share/doc/collectd-core/examples/collection3")
OURS = SOURCE / "graphs" / "collection3" / "mcp_hub.conf"
PNG = b"\x89PNG\r\n\x1a\n"
LIGHTTPD = """
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/errors"
"""


class Collection3:
    def __init__(self, folder, data, ours=OURS):
        self.folder, self.port, self.process = Path(folder), *free_ports(1), None
        self.folder.mkdir()
        setup, served = (text.replace("/srv/collection3", f"{self.folder}/www")
                         for text in (block("collection3"), block("lighttpd")))
        for shown, here in (('DataDir "/var/lib/collectd/rrd"', f'DataDir "{data}"'),
                            ('UnixSockAddr "/run/collectd-unixsock"', ""),
                            ('Include "/usr/share/collectd/collection3/mcp_hub.conf"', f'Include "{ours}"' if ours else "")):
            assert shown in setup
            setup = setup.replace(shown, here)
        subprocess.run(["sh", "-ec", setup], check=True)
        (self.folder / "lighttpd.conf").write_text(LIGHTTPD.format(folder=self.folder, port=self.port) + served)
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "/usr/sbin/lighttpd", "-D", "-f", str(self.folder / "lighttpd.conf")],
            stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                self.get("/share/style.css")
                return self
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise
                time.sleep(0.02)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(TIMEOUT)

    def get(self, path, **query):
        arguments = ";".join(f"{key}={urllib.parse.quote(str(value), safe='')}" for key, value in query.items())
        with urllib.request.urlopen(f"{self.url}{path}?{arguments}", timeout=TIMEOUT) as answer:
            return answer.read()

    def graph(self, **query):
        return self.get("/bin/graph.cgi", width=200, height=60, **query)

    def errors(self):
        return (self.folder / "errors").read_text(errors="replace")


def colours(png):
    """{RGB: pixels} of a PNG of 8 bits a sample, as rrdtool writes them; an error where it is none."""
    assert png.startswith(PNG), f"no PNG: {png[:200]!r}"
    at, data = 8, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at:at + 4], "big"), png[at + 4:at + 8]
        if kind == b"IHDR":
            width, depth, colour = int.from_bytes(png[at + 8:at + 12], "big"), png[at + 16], png[at + 17]
        elif kind == b"IDAT":
            data += png[at + 8:at + 8 + size]
        at += 12 + size
    assert depth == 8 and colour in (2, 6), (depth, colour)
    return Counter(pixels(zlib.decompress(data), width, {2: 3, 6: 4}[colour]))


def pixels(data, width, samples):
    """RGB of every pixel."""
    size = width * samples
    before = bytes(size)
    for start in range(0, len(data), size + 1):
        before = unfiltered(data[start], data[start + 1:start + 1 + size], before, samples)
        yield from (before[i:i + 3].hex() for i in range(0, size, samples))


def unfiltered(kind, line, above, step):
    """A line as it was before its filter (the PNG specification, 9.2)."""
    if kind == 0:
        return line
    if kind == 2:
        return bytes((byte + up) & 255 for byte, up in zip(line, above))
    made, above = bytearray(step), bytes(step) + above  # a pixel of zeros to the left of both
    for i, byte in enumerate(line):
        left, up = made[i], above[i + step]
        guess = left if kind == 1 else (left + up) // 2 if kind == 3 else paeth(left, up, above[i])
        made.append((byte + guess) & 255)
    return bytes(made[step:])


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
