"""Packets and capture files, written octet by octet: link layers, IP, fragments, TCP, pcap and pcapng."""
import ctypes
import gzip
import ipaddress
import struct

import reference

ETHERNET, NULL, RAW, SLL, SLL2, LOOP = 1, 0, 101, 113, 276, 108
UDP, TCP, ICMP = 17, 6, 1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Endpoint:
    """An address and port, written as the program writes it."""

    def __init__(self, address, port):
        self.ip, self.port = ipaddress.ip_address(address), port

    def __str__(self):
        return f"[{self.ip}]:{self.port}" if self.ip.version == 6 else f"{self.ip}:{self.port}"

    def __eq__(self, other):
        return str(self) == str(other)

    def __hash__(self):
        return hash(str(self))


def ones_sum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport_sum(source, destination, protocol, octets):
    if source.ip.version == 4:
        pseudo = source.ip.packed + destination.ip.packed + struct.pack(">BBH", 0, protocol, len(octets))
    else:
        pseudo = source.ip.packed + destination.ip.packed + struct.pack(">IHBB", len(octets), 0, 0, protocol)
    return ones_sum(pseudo + octets)


def udp(source, destination, payload, checksum=None):
    """A UDP datagram without its IP header; `checksum` replaces the right one (offload leaves any value there)."""
    head = struct.pack(">HHH", source.port, destination.port, 8 + len(payload))
    value = transport_sum(source, destination, UDP, head + b"\0\0" + payload) or 0xFFFF
    return head + struct.pack(">H", value if checksum is None else checksum) + payload


def tcp(source, destination, sequence, acknowledged, flags, payload=b"", options=b""):
    options += b"\x01" * (-len(options) % 4)
    head = struct.pack(">HHIIBBHHH", source.port, destination.port, sequence % (1 << 32), acknowledged % (1 << 32),
                       (20 + len(options)) // 4 << 4, flags, 65535, 0, 0) + options
    value = transport_sum(source, destination, TCP, head + payload)
    return head[:16] + struct.pack(">H", value) + head[18:] + payload


def ip_packets(source, destination, protocol, body, mtu=None, identification=0, options=b"", hop_by_hop=False):
    """The IP packets that carry `body`; more than one where `mtu` (octets of body a packet) asks for fragments."""
    step = (mtu // 8 * 8) if mtu else None
    pieces = [(0, body)] if not step else [(at, body[at:at + step]) for at in range(0, len(body), step)]
    packets = []
    for at, piece in pieces:
        more = at + len(piece) < len(body)
        if source.ip.version == 4:
            size = 20 + len(options)
            head = struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, size + len(piece), identification & 0xFFFF,
                               at // 8 | (0x2000 if more else 0), 64, protocol, 0)
            head += source.ip.packed + destination.ip.packed + options
            packets.append(head[:10] + struct.pack(">H", ones_sum(head)) + head[12:] + piece)
        else:
            chain, following = b"", protocol
            if len(pieces) > 1:
                chain = struct.pack(">BBHI", protocol, 0, at | more, identification)
                following = 44
            if hop_by_hop:
                chain = struct.pack(">BB", following, 0) + b"\x01\x04\0\0\0\0" + chain
                following = 0
            packets.append(struct.pack(">IHBB", 6 << 28, len(chain) + len(piece), following, 64) + source.ip.packed +
                           destination.ip.packed + chain + piece)
    return packets


def frame(link, packet, vlans=(), order="<", loopback_family=30):
    """An IP packet as a frame of the link type. `order` is the byte order of the machine that captured (NULL)."""
    six = packet[0] >> 4 == 6
    ether = 0x86DD if six else 0x0800
    if link == ETHERNET:
        tags = b""
        for kind, tag in vlans:
            tags += struct.pack(">HH", kind, tag)
        whole = bytes.fromhex("02005e0000020200000000aa") + tags + struct.pack(">H", ether) + packet
        return whole + b"\x5a" * max(0, 60 - len(whole))
    if link == NULL:
        return struct.pack(order + "I", loopback_family if six else 2) + packet
    if link == LOOP:
        return struct.pack(">I", loopback_family if six else 2) + packet
    if link == RAW:
        return packet
    if link == SLL:
        return struct.pack(">HHH8sH", 0, 1, 6, bytes.fromhex("0200000000aa0000"), ether) + packet
    if link == SLL2:
        return struct.pack(">HHIHBB8s", ether, 0, 3, 1, 0, 6, bytes.fromhex("0200000000aa0000")) + packet
    raise ValueError(link)


# Capture files. A packet here is (time in nanoseconds since the epoch, octets of the frame).

def pcap(packets, link=ETHERNET, order="<", nano=False):
    out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)
    for time, octets in packets:
        seconds, rest = divmod(time, 10 ** 9)
        out += struct.pack(order + "IIII", seconds, rest if nano else rest // 1000, len(octets), len(octets)) + octets
    return out


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


class Pcapng:
    """A pcapng file in the making: sections of either byte order, interfaces of any link type and resolution."""

    def __init__(self):
        self.out, self.order, self.interfaces = b"", "<", []

    def section(self, order="<"):
        self.order, self.interfaces = order, []
        body = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        body += option(order, 4, b"interoperability checks") + option(order, 0, b"")
        self.out += block(order, 0x0A0D0D0A, body)
        return self

    def interface(self, link, resolution=None, offset=0, name=None):
        """`resolution` as if_tsresol: n is 10^-n, 0x80 | n is 2^-n; None leaves the option out (microseconds)."""
        options = b""
        if name:
            options += option(self.order, 2, name.encode())
        if resolution is not None:
            options += option(self.order, 9, bytes([resolution]))
        if offset:
            options += option(self.order, 14, struct.pack(self.order + "q", offset))
        if options:
            options += option(self.order, 0, b"")
        self.out += block(self.order, 1, struct.pack(self.order + "HHI", link, 0, 262144) + options)
        self.interfaces.append((link, 6 if resolution is None else resolution, offset))
        return len(self.interfaces) - 1

    def ticks(self, interface, time):
        _, resolution, offset = self.interfaces[interface]
        time -= offset * 10 ** 9
        per_second = 1 << (resolution & 0x7F) if resolution & 0x80 else 10 ** resolution
        return time * per_second // 10 ** 9

    def kept(self, interface, time):
        """The time that is left of `time` at the interface's resolution, in nanoseconds."""
        _, resolution, offset = self.interfaces[interface]
        per_second = 1 << (resolution & 0x7F) if resolution & 0x80 else 10 ** resolution
        return self.ticks(interface, time) * 10 ** 9 // per_second + offset * 10 ** 9

    def packet(self, interface, time, octets, comment=None):
        ticks = self.ticks(interface, time)
        body = struct.pack(self.order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), len(octets))
        body += octets + b"\0" * (-len(octets) % 4)
        if comment:
            body += option(self.order, 1, comment.encode()) + option(self.order, 0, b"")
        self.out += block(self.order, 6, body)

    def other_block(self, kind, body):
        """A block that a reader has to step over."""
        self.out += block(self.order, kind, body)


def pcapng(packets, link=ETHERNET, order="<", resolution=None):
    file = Pcapng().section(order)
    file.interface(link, resolution)
    for time, octets in packets:
        file.packet(0, time, octets)
    return file.out


def packed(method, octets):
    """The file as gzip, an LZ4 frame or a Zstandard frame; None where the library is not there."""
    if method == "gz":
        return gzip.compress(octets, 6)
    if method == "zst" and reference.ZSTD:
        return _zstandard(octets)
    if method == "lz4" and reference.LZ4:
        bound = reference.LZ4.LZ4F_compressFrameBound
        bound.restype = reference.LZ4.LZ4F_compressFrame.restype = ctypes.c_size_t
        room = bound(ctypes.c_size_t(len(octets)), None)
        buffer = ctypes.create_string_buffer(room)
        size = reference.LZ4.LZ4F_compressFrame(buffer, ctypes.c_size_t(room), octets, ctypes.c_size_t(len(octets)),
                                                None)
        return buffer.raw[:size]
    return None


def _zstandard(octets):
    plain = reference.compress("ZSTD", octets)
    return plain[1 << (plain[0] >> 6):]


class TcpSide:
    """One direction of a TCP connection: a byte stream, what has been captured of it and when it became whole.

    `deliver` plays the reader: octets count from the first time they are seen, and a message is there once every
    octet up to its end is.
    """

    def __init__(self, source, destination, initial):
        self.source, self.destination, self.initial = source, destination, initial
        self.stream, self.ends, self.seen, self.whole, self.done = b"", [], [], 0, 0

    def write(self, message):
        start = len(self.stream)
        self.stream += message
        self.ends.append((start, len(self.stream)))
        return start, len(self.stream)

    def segment(self, start, end, acknowledged, flags=ACK | PSH):
        return tcp(self.source, self.destination, self.initial + 1 + start, acknowledged, flags, self.stream[start:end])

    def deliver(self, start, end):
        """Marks octets captured; the messages (start, end) that became whole by it."""
        self.seen.append((start, end))
        grown = True
        while grown:
            grown = False
            for low, high in self.seen:
                if low <= self.whole < high:
                    self.whole, grown = high, True
        self.seen = [span for span in self.seen if span[1] > self.whole]
        ready = []
        while self.done < len(self.ends) and self.ends[self.done][1] <= self.whole:
            ready.append(self.ends[self.done])
            self.done += 1
        return ready
