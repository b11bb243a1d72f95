"""What is sent when, rendered to packets in the order of capture, with the truth about every message."""
import heapq
import itertools
import struct

import captures
import reference
from truth import Inspector

MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
START = 1_793_000_000 * SECOND


def marked_again(octets):
    """The message as its retransmission: the RETRANSMIT bit set, the checksum made anew."""
    flags = struct.unpack(">H", octets[2:4])[0]
    again = octets[:2] + struct.pack(">H", flags | reference.RETRANSMIT_BIT) + octets[4:]
    if flags & reference.FLAGS["CHECKSUM"]:
        again = again[:-4] + struct.pack(">I", reference.crc32c(again[:-4]))
    return again


class Connection:
    """A TCP connection as a capture sees it. `rough` segments are cut, late, repeated and overlapping."""

    def __init__(self, r, client, server, rough=False, joined=False):
        self.sides = [captures.TcpSide(client, server, r.choice((r.getrandbits(32), (1 << 32) - r.randint(2, 900)))),
                      captures.TcpSide(server, client, r.getrandbits(32))]
        self.r, self.rough, self.joined, self.opened = r, rough, joined, joined
        self.beyond = [0, 0]  # Octets of each side that the other acknowledged although no capture has them.

    def acknowledged(self, side):
        """What a segment of `side` acknowledges of the other side's octets."""
        other = self.sides[1 - side]
        return other.initial + 1 + max(other.whole, self.beyond[1 - side])


class Recorder:
    """Collects what is sent and renders it once: packets (time, IP packet) and the inspector's records.

    Packets are `spacing` apart and on whole multiples of `grain`; `kept` gives the time that the file keeps
    of one.
    """

    def __init__(self, keys=(), spacing=20 * MICROSECOND, kept=lambda time, packet: time, grain=MICROSECOND):
        self.heap, self.order, self.packets = [], itertools.count(), []
        self.inspector, self.spacing, self.kept, self.last = Inspector(keys), spacing, kept, 0
        self.grain = grain

    def at(self, time, action):
        time -= time % self.grain
        heapq.heappush(self.heap, (time, next(self.order), action))

    def emit(self, time, packet):
        """One packet of the capture, at its time or just after the packet before it."""
        self.last = max(time, self.last + self.spacing)
        self.packets.append((self.last, packet))
        return self.kept(self.last, packet)

    def udp(self, time, source, destination, octets, *, known=True, mtu=None, r=None, checksum=None, **ip):
        """A datagram; with `mtu` in fragments, with `r` too in any order and some of them twice."""
        def send(now):
            body = captures.udp(source, destination, octets, checksum)
            pieces = captures.ip_packets(source, destination, captures.UDP, body, mtu, **ip)
            arrivals = list(pieces)
            if r is not None and len(pieces) > 1:
                arrivals.insert(0, r.choice(pieces))
                r.shuffle(arrivals)
            lacking = set(pieces)
            for piece in arrivals:
                seen = self.emit(now, piece)
                lacking.discard(piece)
                if not lacking:
                    break
            if known:
                self.inspector.datagram(seen, source, destination, octets)
        self.at(time, send)

    def other(self, time, packet):
        """A packet that holds no message."""
        self.at(time, lambda now: self.emit(now, packet))

    def tcp(self, time, connection, side, octets, lost=False):
        """Message octets written to a connection; `lost` ones never reach the capture, yet are acknowledged."""
        def send(now):
            if not connection.opened:
                self.open(now, connection)
            start, end = connection.sides[side].write(octets)
            if lost:
                self.at(now + MILLISECOND, lambda later: self.acknowledge(later, connection, side, end))
            else:
                self.segments(now, connection, side, start, end)
        self.at(time, send)

    def open(self, now, connection):
        client, server = connection.sides
        connection.opened = True
        for side, flags, ack in ((client, captures.SYN, 0), (server, captures.SYN | captures.ACK, client.initial + 1),
                                 (client, captures.ACK, server.initial + 1)):
            number = side.initial + (0 if flags & captures.SYN else 1)
            options = bytes.fromhex("020405b4") if flags & captures.SYN else b""
            self.tcp_packet(now, side, captures.tcp(side.source, side.destination, number, ack, flags, b"", options))

    def tcp_packet(self, now, side, segment):
        return self.emit(now, captures.ip_packets(side.source, side.destination, captures.TCP, segment)[0])

    def acknowledge(self, now, connection, side, end):
        """The other side says that it has everything up to `end`."""
        talker, listener = connection.sides[side], connection.sides[1 - side]
        connection.beyond[side] = max(connection.beyond[side], end)
        segment = captures.tcp(listener.source, listener.destination, listener.initial + 1 + listener.whole,
                               talker.initial + 1 + end, captures.ACK)
        self.tcp_packet(now, listener, segment)

    def segments(self, now, connection, side, start, end):
        """Cuts new octets into segments and plans when the capture sees each."""
        r, most = connection.r, 1400
        first = start == 0
        while start < end:
            size = min(end - start, r.randint(1, most) if connection.rough and r.random() < 0.6 else most)
            piece = (start, start + size)
            fate = r.random() if connection.rough and not first else 1
            delay = 3 * MILLISECOND if fate < 0.15 else 0
            begin = max(0, piece[0] - r.randint(1, 40)) if fate > 0.85 and connection.rough and not first else piece[0]
            self.at(now + delay, lambda at, span=(begin, piece[1]): self.segment(at, connection, side, *span))
            if 0.15 < fate < 0.3:
                wider = (max(0, piece[0] - r.randint(0, 100)), piece[1])
                self.at(now + 5 * MILLISECOND, lambda at, span=wider: self.segment(at, connection, side, *span))
            if 0.3 < fate < 0.35:
                keepalive = (piece[1] - 1, piece[1])
                self.at(now + 7 * MILLISECOND, lambda at, span=keepalive: self.segment(at, connection, side, *span))
            start, first, now = start + size, False, now + 60 * MICROSECOND

    def segment(self, now, connection, side, start, end):
        half = connection.sides[side]
        segment = half.segment(start, end, connection.acknowledged(side))
        seen = self.tcp_packet(now, half, segment)
        for low, high in half.deliver(start, end):
            self.inspector.message(seen, half.source, half.destination, half.stream[low:high])

    def render(self):
        while self.heap:
            time, _, action = heapq.heappop(self.heap)
            action(max(time, self.last))
        return self.packets

    @property
    def records(self):
        return self.inspector.records
