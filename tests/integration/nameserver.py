# SPDX-License-Identifier: MIT
"""A name server that tells the truth or what a name's fault says.

    with NameServer(address, {"hub.test": "198.51.100.7"}) as server:   # in the caller's namespace
        server.faults["hub.test"] = "servfail"                          # one of FAULTS
"""
import socket
import struct
import threading
from collections import Counter

A = 1  # record type
CODES = {"servfail": 2, "nxdomain": 3}
FAULTS = (*CODES, "empty", "nonsense", "silent")  # or an address: the wrong one


class NameServer:
    def __init__(self, address, names):
        self.names = names
        self.faults = {}
        self.asked = Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            if not query:
                return
            answer = self.answer(query)
            if answer is not None:
                self.socket.sendto(answer, peer)

    def answer(self, query):
        """None: never."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, (kind, _), question = ".".join(labels), struct.unpack_from("!HH", query, at + 1), query[12:at + 5]
        self.asked[name] += 1
        fault = self.faults.get(name, "")
        if fault == "silent":
            return None
        if fault == "nonsense":
            return query[:2] + b"\xff" * 40
        code = CODES.get(fault, 0 if name in self.names else CODES["nxdomain"])
        given = kind == A and code == 0 and fault != "empty"
        address = self.names.get(name) if fault in ("", *FAULTS) else fault
        record = struct.pack("!HHHIH", 0xC00C, A, 1, 0, 4) + socket.inet_aton(address) if given else b""
        return query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, int(given), 0, 0) + question + record
