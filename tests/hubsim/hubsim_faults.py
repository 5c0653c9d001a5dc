# SPDX-License-Identifier: MIT
"""Faults by name. A fault either spoils an answer or spoils the sending of a good one.

ANSWERS  f(response, **options) -> Response           then sent as it should be
SENDING  async f(wire, **options) -> keep the connection?

`FAULTS` maps every name to its function; its docstring says what clients see.
"Refused" is no fault but hub.stop().
"""
import inspect
import re
from dataclasses import dataclass, field, replace

from hubsim_web import HTML, Response

ANSWERS, SENDING = {}, {}

TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)')
SCALAR = rb'\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)'
BLOCK = 65536


def answers(function):
    ANSWERS[function.__name__] = function
    return function


def sending(function):
    SENDING[function.__name__] = function
    return function


def as_bytes(data):
    return data.encode() if isinstance(data, str) else data


# spoiled answers

@answers
def html(response, text="<!DOCTYPE html><html><body><h1>It works!</h1></body></html>"):
    """200 with a web page."""
    return Response(200, as_bytes(text), HTML)


@answers
def status(response, code=500, body=None, type=None):
    """Any status; 500 carries the hub's JSON REQUEST_ERROR unless a body is given."""
    if body is None:
        body = b'{"error":"simulated","code":"REQUEST_ERROR","data":{"path":"/health","method":"GET"}}'
    return Response(code, as_bytes(body), type or response.type)


@answers
def redirect(response, to="http://127.0.0.1:1/elsewhere", code=302):
    """To another URL."""
    return Response(code, f"Found. Redirecting to {to}".encode(), "text/plain; charset=utf-8", {"Location": to})


@answers
def body(response, data=b"", type=None):
    """200 with exactly these bytes as body."""
    return Response(200, as_bytes(data), type or response.type)


@answers
def cut_json(response, keep=0.5):
    """The first part of the body with a Content-Length that fits: truncated JSON in a sound answer."""
    return replace(response, body=response.body[:int(len(response.body) * keep)])


@answers
def broken_json(response):
    """A comma too many, in the middle of the object."""
    return replace(response, body=response.body.replace(b",", b",,", 1))


@answers
def trailing(response, data=b"}{"):
    """The good body and something after it."""
    return replace(response, body=response.body + as_bytes(data))


@answers
def deep(response, levels=1_000_000, opening="[", key="servers", closed=True):
    """{"<key>": nested `levels` deep}; opening '{' nests objects."""
    unit, end = (b"[", b"]") if opening == "[" else (b'{"a":', b"}")
    inner = b"null" if opening == "{" and closed else b""
    nest = unit * levels + inner + (end * levels + b"}" if closed else b"")
    return replace(response, status=200, body=b'{"%s":%s' % (as_bytes(key), nest))


@answers
def invalid_utf8(response, data=b"\xff\xfe\xc0\x80\xed\xa0\x80", key=None):
    """Bytes that are no UTF-8, at the start of the value of `key`, by default of the first string."""
    before = rb":\s*\"" if key is None else rb'"%s"\s*:\s*"' % re.escape(as_bytes(key))
    return replace(response, body=re.sub(before, lambda m: m.group() + data, response.body, count=1))


@answers
def odd(response, value="NaN", key=None):
    """Every number, or every plain value of `key`, becomes this text: NaN, 1e400, -1, "many", [], null."""
    text = as_bytes(value)
    if key is None:
        return replace(response, body=TOKEN.sub(lambda m: m.group(1) or text, response.body))
    name = b'"%s"' % as_bytes(key)
    return replace(response, body=re.sub(re.escape(name) + SCALAR, lambda m: name + b":" + text, response.body))


@answers
def duplicate(response, key="state", value='"error"', first=True):
    """`key` twice in the outermost object, this one first or last."""
    pair = b'"%s":%s' % (as_bytes(key), as_bytes(value))
    inner = response.body[1:-1]
    return replace(response, body=b"{%s,%s}" % ((pair, inner) if first else (inner, pair)))


@answers
def edit(response, function):
    """The body as function(bytes) returns it."""
    return replace(response, body=function(response.body))


# spoiled sending

@sending
async def silent(wire):
    """Read the request, never answer."""
    return await wire.hold()


@sending
async def hang(wire, after=0):
    """Headers and the first `after` bytes of the body, then nothing."""
    await wire.send(wire.response.head(wire.request.keep_alive) + wire.response.body[:after])
    return await wire.hold()


@sending
async def slow(wire, bytes_per_second=None, delay=0.0, from_head=False):
    """Wait, then send the body (or all of it, headers too) at this speed; 1,000 bytes/s when nothing is given."""
    if bytes_per_second is None and not delay:
        bytes_per_second = 1000
    await wire.pause(delay)
    if bytes_per_second is None:
        return await wire.answer()
    head, rest = wire.response.head(wire.request.keep_alive), wire.response.body
    if from_head:
        head, rest = b"", head + rest
    await wire.send(head)
    step = max(1, int(bytes_per_second / 50))
    for at in range(0, len(rest), step):
        await wire.send(rest[at:at + step])
        await wire.pause(step / bytes_per_second)
    return wire.request.keep_alive


@sending
async def truncated(wire, keep=0.5):
    """Right Content-Length, part of the body, then the end of the connection."""
    part = wire.response.body[:int(len(wire.response.body) * keep)]
    await wire.send(wire.response.head(False) + part)
    return False


@sending
async def oversize(wire, size=None, chunked=False, start=b'{"status":"ok","state":"ready","padding":"'):
    """`size` bytes of body, endless when None (Content-Length then says 1 TB)."""
    await wire.send(wire.response.head(False, length=size or 10**12, chunked=chunked))
    sent, block = 0, start
    while size is None or sent < size:
        block = block if size is None else block[:size - sent]
        await wire.send(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
        sent, block = sent + len(block), b"x" * BLOCK
    if chunked:
        await wire.send(b"0\r\n\r\n")
    return False


@sending
async def reset(wire, after=None):
    """RST instead of an answer, or after so many bytes of body."""
    if after is not None:
        await wire.send(wire.response.head(True) + wire.response.body[:after])
    return wire.reset()


@sending
async def close(wire):
    """An orderly end without any answer."""
    return False


@sending
async def garbage(wire, data=b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\x00\x01\x02\xff"):
    """Not HTTP."""
    return await raw(wire, data)


@sending
async def raw(wire, data, then="close"):
    """Exactly these bytes on the wire, then 'close', 'hang' or 'reset'."""
    await wire.send(as_bytes(data))
    if then == "hang":
        return await wire.hold()
    return wire.reset() if then == "reset" else False


@sending
async def chunked(wire, size=1):
    """The good answer in chunks of so many bytes."""
    await wire.send(wire.response.head(wire.request.keep_alive, chunked=True))
    content = wire.response.body
    for at in range(0, len(content), size * 1000):
        pieces = (content[i:i + size] for i in range(at, min(at + size * 1000, len(content)), size))
        await wire.send(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces))
    await wire.send(b"0\r\n\r\n")
    return wire.request.keep_alive


FAULTS = {**ANSWERS, **SENDING}


@dataclass
class Fault:
    """A fault put on a hub; as a context manager it heals at the end of the block."""
    hub: object
    name: str
    path: str | None = None  # None: every path
    times: int | None = None  # None: until healed
    options: dict = field(default_factory=dict)
    served: int = 0

    def __post_init__(self):
        if self.name not in FAULTS:
            raise ValueError(f"no fault {self.name!r}; there are {', '.join(sorted(FAULTS))}")
        inspect.signature(FAULTS[self.name]).bind(None, **self.options)

    def concerns(self, path):
        return self.path in (None, path) and (self.times is None or self.served < self.times)

    async def send(self, wire):
        """Send wire's answer, spoiled."""
        function = FAULTS[self.name]
        if self.name in SENDING:
            return await function(wire, **self.options)
        wire.response = function(wire.response, **self.options)
        return await wire.answer()

    def heal(self):
        self.hub.heal(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.heal()
