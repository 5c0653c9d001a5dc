# SPDX-License-Identifier: MIT
"""HTTP as Node and Express speak it: one connection at a time, kept alive."""
import asyncio
import html
import itertools
import socket
import struct
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
FIRST_REQUEST = 60.0  # seconds a new connection may stay silent, Node's headersTimeout
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
_etags = itertools.count(1)


class BadRequest(Exception):
    pass


@dataclass
class Request:
    method: str
    target: str
    version: str
    headers: dict  # names in lower case
    body: bytes = b""

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    @property
    def keep_alive(self):
        wish = self.headers.get("connection", "").lower()
        return wish == "keep-alive" if self.version == "HTTP/1.0" else wish != "close"


@dataclass
class Response:
    status: int
    body: bytes
    type: str = JSON
    headers: dict = field(default_factory=dict)

    def head(self, keep_alive, length=None, chunked=False):
        """Status line and headers; `length` lies about the body's, `chunked` leaves it open."""
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "unknown"
        lines = [f"HTTP/1.1 {self.status} {reason}", "X-Powered-By: Express"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"Content-Type: {self.type}")
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {len(self.body) if length is None else length}")
        if self.type == JSON and self.status == 200:
            lines.append(f'ETag: W/"{len(self.body):x}-{next(_etags):027x}"')
        lines.append(f"Date: {formatdate(usegmt=True)}")
        lines += ["Connection: keep-alive", "Keep-Alive: timeout=5"] if keep_alive else ["Connection: close"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"


def page(status, text):
    """Express's HTML error page."""
    body = ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
            f"<body>\n<pre>{html.escape(text)}</pre>\n</body>\n</html>\n")
    return Response(status, body.encode(), HTML, {"Content-Security-Policy": "default-src 'none'",
                                                  "X-Content-Type-Options": "nosniff"})


@dataclass
class Wire:
    """One answer on its way: what a fault that meddles with sending works on."""
    request: Request
    response: Response
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        """The whole answer as it should be; returns whether the connection stays."""
        keep = self.request.keep_alive
        body = b"" if self.request.method == "HEAD" else self.response.body
        await self.send(self.response.head(keep) + body)
        return keep

    async def hold(self):
        """Say nothing more until the client goes away."""
        while await self.reader.read(65536):
            pass
        return False

    async def pause(self, seconds):
        """Sleep; the client going away ends the answer."""
        try:
            async with asyncio.timeout(seconds):
                await self.hold()
        except TimeoutError:
            return
        raise ConnectionResetError

    def reset(self):
        """End the connection with RST."""
        peer = self.writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        return False


async def read_request(reader, patience):
    """The next request, or None when there is none within `patience` seconds."""
    try:
        async with asyncio.timeout(patience):
            head = await reader.readuntil(b"\r\n\r\n")
            request = parse(head)
            request.body = await reader.readexactly(length_of(request))
            return request
    except (asyncio.IncompleteReadError, TimeoutError):
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest from None


def parse(head):
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    try:
        method, target, version = first.split(" ")
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    except ValueError:
        raise BadRequest from None
    if version not in ("HTTP/1.0", "HTTP/1.1") or (version == "HTTP/1.1" and "host" not in headers):
        raise BadRequest
    return Request(method, target, version, headers)


def length_of(request):
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > 2**20:
        raise BadRequest
    return int(length)


async def converse(hub, reader, writer):
    """Serve one connection of `hub` until one side has enough."""
    patience = FIRST_REQUEST
    while True:
        try:
            request = await read_request(reader, patience)
        except BadRequest:
            writer.write(BAD_REQUEST)
            return
        if request is None:
            return
        if not await hub.serve(request, reader, writer):
            return
        patience = hub.keep_alive
