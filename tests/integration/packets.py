# SPDX-License-Identifier: MIT
"""Packets of collectd's binary protocol, as anybody on the network can make them.

    with Sender(port) as sender:
        sender.value("edge", "mcp_hub", "prod", "bool", "up", 0)
        sender.notify("edge", "mcp_hub_alerts", "test", "text")
"""
import socket
import struct
import time

HOST, TIME, PLUGIN, PLUGIN_INSTANCE, TYPE, TYPE_INSTANCE, VALUES, INTERVAL = range(8)
MESSAGE, SEVERITY = 0x100, 0x101
FAILURE = 1
GAUGE = 1


def part(kind, data):
    return struct.pack(">HH", kind, 4 + len(data)) + data


def text(kind, string):
    return part(kind, string.encode() + b"\0")


def number(kind, value):
    return part(kind, struct.pack(">Q", int(value)))


def value_list(host, plugin, instance, kind, kind_instance, gauge, at=None):
    return b"".join([text(HOST, host), number(TIME, at or time.time()), number(INTERVAL, 10), text(PLUGIN, plugin),
                     text(PLUGIN_INSTANCE, instance), text(TYPE, kind), text(TYPE_INSTANCE, kind_instance),
                     part(VALUES, struct.pack(">HB", 1, GAUGE) + struct.pack("<d", gauge))])


def notice(host, plugin, kind, message, at=None, severity=FAILURE):
    return b"".join([text(HOST, host), number(TIME, at or time.time()), text(PLUGIN, plugin), text(PLUGIN_INSTANCE, ""),
                     text(TYPE, kind), text(TYPE_INSTANCE, ""), number(SEVERITY, severity), text(MESSAGE, message)])


class Sender:
    def __init__(self, port):
        self.port, self.socket = port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendto(b"".join(parts), ("127.0.0.1", self.port))

    def value(self, *args, **options):
        self.send(value_list(*args, **options))

    def notify(self, *args, **options):
        self.send(notice(*args, **options))
