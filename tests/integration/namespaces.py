# SPDX-License-Identifier: MIT
"""Two network namespaces and a wire between them that loses, delays, cuts and resets.

    with Wire() as wire:                          # takes root and /dev/net/tun, see why_not()
        with wire.far:                            # what this thread opens now is at the far end
            server = socket.create_server((wire.address(1), 80))
        wire.spoil(wire.address(1), black_hole)   # a function of this module, or one like them
        Inside(folder, config, wire=wire)         # a collectd at the near end

Packets pass through this process, so a fault needs no support of the kernel, and
what it met can be counted. No other network of the machine is touched, and the
namespaces end with the process.
"""
import ctypes
import fcntl
import heapq
import itertools
import os
import select
import socket
import struct
import subprocess
import threading
import time

from daemon import Collectd

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
CLONE_NEWNET = 0x40000000
NETWORK = "198.51.100"  # TEST-NET-2
TCP, SYN, RST, ACK = 6, 2, 4, 16
libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """What keeps namespaces from being made here, or None."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    if not os.access(TUN, os.R_OK | os.W_OK):
        return f"no access to {TUN}"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True)
    return tried.stderr.strip() or None


def called(status):
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespace:
    """A context in which the thread is inside. Sockets stay where they were made."""

    def __init__(self):
        self.outside = own_namespace()
        called(libc.unshare(CLONE_NEWNET))
        try:
            self.inside = own_namespace()
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        finally:
            self.__exit__()

    def __enter__(self):
        called(libc.setns(self.inside, CLONE_NEWNET))

    def __exit__(self, *_):
        called(libc.setns(self.outside, CLONE_NEWNET))

    def command(self):
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self.inside}"]

    def end(self, *addresses):
        """A device for these, of whose packets this process is the other side."""
        with self:
            device = os.open(TUN, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
            fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"wire", IFF_TUN | IFF_NO_PI))
            for address in addresses:
                subprocess.run(["ip", "addr", "add", f"{address}/24", "dev", "wire"], check=True)
        self.link("up")
        return device

    def link(self, state):
        with self:
            subprocess.run(["ip", "link", "set", "wire", state], check=True)

    def close(self):
        os.close(self.inside)
        os.close(self.outside)


class Packet:
    """IPv4; `asks`: on its way to the far end."""

    def __init__(self, data, asks):
        self.data, self.asks = data, asks
        self.header = (data[0] & 15) * 4
        self.source, self.target = (socket.inet_ntoa(data[at:at + 4]) for at in (12, 16))
        self.road = self.target if asks else self.source
        self.tcp = data[9] == TCP
        self.flags = data[self.header + 13] if self.tcp else 0

    @property
    def payload(self):
        """Bytes of TCP's."""
        return len(self.data) - self.header - (self.data[self.header + 12] >> 4) * 4 if self.tcp else 0

    def reset(self):
        """What a firewall says to it."""
        source, target = self.data[12:16], self.data[16:20]
        here, there, sequence, acknowledged = struct.unpack_from("!HHII", self.data, self.header)
        length = self.payload + bool(self.flags & SYN)
        tcp = struct.pack("!HHIIBBHHH", there, here, acknowledged if self.flags & ACK else 0,
                          (sequence + length) & 0xFFFFFFFF, 5 << 4, RST | ACK, 0, 0, 0)
        pseudo = target + source + struct.pack("!BBH", 0, TCP, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, TCP, 0, target, source)
        return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# faults: what becomes of a packet, as (seconds from now, bytes, to the far end?)

def well(packet):
    yield 0, packet.data, packet.asks


def black_hole(packet):
    return ()


def deaf(packet):
    """Nothing of the far end arrives, not even a SYN-ACK."""
    return well(packet) if packet.asks else ()


def rejecting(packet):
    if packet.asks and packet.tcp and not packet.flags & RST:
        yield 0, packet.reset(), False


def narrow(limit):
    """Drops the larger ones and does not say so."""
    def fault(packet):
        return well(packet) if len(packet.data) <= limit else ()
    return fault


def delayed(seconds):
    def fault(packet):
        yield seconds, packet.data, packet.asks
    return fault


def lossy(every):
    """Loses one of so many; of a connection's beginning none, which would cost seconds."""
    number = itertools.count(1)

    def fault(packet):
        return well(packet) if packet.flags & SYN or next(number) % every else ()
    return fault


def disordered(every, seconds):
    """Of so many one comes late, and each twice."""
    number = itertools.count(1)

    def fault(packet):
        late = 0 if next(number) % every else seconds
        yield late, packet.data, packet.asks
        yield late + seconds, packet.data, packet.asks
    return fault


def cut_after(limit):
    """So many bytes of answers come through, then none."""
    left = [limit]

    def fault(packet):
        if not packet.asks:
            left[0] -= packet.payload
        return well(packet) if packet.asks or not packet.payload or left[0] > 0 else ()
    return fault


class Wire:
    """A road is an address of the far end. Its faults see every packet to and from it."""

    def __init__(self, roads=40):
        self.near, self.far = Namespace(), Namespace()
        self.ends = self.near.end(self.address(0)), self.far.end(*map(self.address, range(1, roads + 1)))
        self.faults = {}
        self.packets = {}  # road -> seen since it was spoiled
        self.late = []
        self.number = itertools.count()
        self.woken, self.waker = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)

    @staticmethod
    def address(number):
        return f"{NETWORK}.{number + 1}"

    def spoil(self, road, fault):
        self.packets[road] = 0
        self.faults[road] = fault

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.waker)
        self.thread.join()
        for fd in (self.woken, *self.ends):
            os.close(fd)
        self.near.close()
        self.far.close()

    def run(self):
        while True:
            wait = max(0, self.late[0][0] - time.monotonic()) if self.late else None
            ready = select.select([self.woken, *self.ends], [], [], wait)[0]
            if self.woken in ready:
                return
            for end in ready:
                self.take(end)
            while self.late and self.late[0][0] <= time.monotonic():
                _, _, data, onward = heapq.heappop(self.late)
                self.put(data, onward)

    def take(self, end):
        try:
            data = os.read(end, 65536)
        except OSError:  # down
            return
        if data[0] >> 4 != 4:
            return
        packet = Packet(data, end == self.ends[0])
        self.packets[packet.road] = self.packets.get(packet.road, 0) + 1
        for seconds, data, onward in self.faults.get(packet.road, well)(packet):
            if seconds:
                heapq.heappush(self.late, (time.monotonic() + seconds, next(self.number), data, onward))
            else:
                self.put(data, onward)

    def put(self, data, onward):
        try:
            os.write(self.ends[onward], data)
        except OSError:  # down
            pass


class Inside(Collectd):
    """At the near end of a wire, with a resolver configuration of its own."""

    def __init__(self, folder, config, wire, resolver="", **options):
        super().__init__(folder, config, **options)
        self.wire = wire
        self.resolver = self.folder / "resolv.conf"
        self.resolver.write_text(resolver)

    def command(self, *options):
        own = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(self.resolver)]
        return [*self.wire.near.command(), *own, *super().command(*options)]
