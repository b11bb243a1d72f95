"""Random messages of every type with every header and option, and datagrams full of them."""
import struct

import reference
from captures import Endpoint
from payloads import ADDRESS, EXTENSION_HEADER, EXTENSIONS, MULTICAST, PAYLOADS, TYPES
from traffic import MILLISECOND, SECOND, START

EXTRA_TYPES = (0x05, 0x2F, 0x7A, 0xFE)


def random_header_extensions(r):
    known = {0x8002: struct.pack(">16sBQ", r.randbytes(16), r.randint(0, 1), r.getrandbits(50)),
             0x8003: r.randbytes(25)}
    headers = []
    for _ in range(r.randint(0, 3)):
        if r.random() < 0.6:
            kind = r.choice(list(known))
            headers.append({"extension_id": kind, "version": 1, "flags": 0, "data": known[kind].hex()})
        else:
            headers.append({**EXTENSION_HEADER.random(r), "extension_id": r.randint(0x100, 0x7FFF)})
    return headers


def random_extension(r):
    """An EXTENSION payload: half of them with data of an extension that the profile knows."""
    if r.random() < 0.3:
        return {**EXTENSION_HEADER.random(r), "extension_id": r.randint(0x9000, 0xFFFF)}
    kind = r.choice((0x0001, 0x0002, 0x8001))
    value = EXTENSIONS[kind].random(r)
    if kind == 0x8001:
        value["schema"] = {"fields": [{"name": f"f{n}", "type": r.randint(1, 9)} for n in range(r.randint(0, 4))]}
        value["id"] = r.randint(0x100, 0x7FFF)
    return {"extension_id": kind, "version": 1, "flags": 0, "data": reference.encode_extension(kind, value).hex()}


def random_payload(r, kind):
    if kind == "EXTENSION":
        return random_extension(r)
    payload = PAYLOADS[kind].random(r)
    if kind == "CONNECT_ACK":  # A small limit would make later compressed messages of the flow malformed.
        payload["config"]["max_message_size"] |= 1 << 21
    return payload


def random_message(r, kind, sequence, time, stream=None):
    """A message of the type (a name, or the number of an unknown type) with any header and options."""
    flags = {name for name in ("ADDRESS", "EXTENSIONS", "MULTICAST", "SIGNED", "RELIABLE", "ORDERED", "RETRANSMIT",
                               "DATA") if r.random() < 0.25}
    flags |= {"CHECKSUM"} if r.random() < 0.7 else set()
    flags |= {"ADDRESS"} if kind == "SPATIAL_UPDATE" else set()
    unknown = isinstance(kind, int)
    if unknown:
        flags.discard("DATA")
    stamp = r.choice((0, (1 << 64) - 1)) if r.random() < 0.03 else time // 1000 + r.randint(-5000, 5000)
    message = {"type": kind, "flags": [f for f in reference.FLAGS if f in flags],
               "priority": r.choice(reference.PRIORITIES), "sequence": sequence, "timestamp": stamp,
               "stream_id": r.choice((0, 1, 2, 9, (1 << 32) - 1)) if stream is None else stream}
    if "ADDRESS" in flags:
        message["spatial_address"] = {"version": 1, **ADDRESS.random(r)}
    if "EXTENSIONS" in flags:
        message["extensions"] = random_header_extensions(r)
    if "MULTICAST" in flags:
        message["multicast"] = MULTICAST.random(r)
    if "SIGNED" in flags:
        message["signature"] = r.randbytes(16).hex()
    if "DATA" in flags:
        message["data"] = {"compression": r.choice(available_compressions())}
    if unknown:
        message["raw"] = r.randbytes(r.randint(0, 60)).hex()
    elif "DATA" not in flags and r.random() < 0.03:
        message["flags"] = [f for f in reference.FLAGS if f in flags | {"ENCRYPTED"}]
        message["payload"], message["sealed"] = None, r.randbytes(r.randint(16, 90)).hex()
    else:
        message["payload"] = random_payload(r, kind)
    return message


def available_compressions():
    return ["NONE"] + ["LZ4"] * bool(reference.LZ4) + ["ZSTD"] * bool(reference.ZSTD)


def encode_random(r, message):
    """The octets, some varints longer than needed, checked against the reference's own decoder."""
    payload = bytes.fromhex(message["sealed"]) if "sealed" in message else None
    octets = reference.encode(message, r if r.random() < 0.3 else None, payload=payload)
    if "CHECKSUM" in message["flags"]:
        message["checksum_ok"] = True
    decoded, end = reference.decode(octets)
    assert end == len(octets) and decoded == message, f"reference disagrees with itself: {message}"
    return octets


def endpoints(r, six=None, port=reference.PORT):
    six = r.random() < 0.4 if six is None else six
    first = r.randint(1, 200)
    names = (f"fd00:7::{first:x}", "fd00:7::ffff") if six else (f"10.7.1.{first}", "10.7.0.1")
    return Endpoint(names[0], r.randint(32768, 60999)), Endpoint(names[1], port)


def random_datagrams(r, recorder, count, start=START):
    """Datagrams with messages of every type, batched now and then, in fragments now and then."""
    kinds = list(TYPES.values()) * (1 + count // len(TYPES)) + list(EXTRA_TYPES)
    r.shuffle(kinds)
    pairs = [endpoints(r) for _ in range(6)]
    time, sequence = start + r.randint(0, SECOND), r.choice((0, (1 << 32) - 20))
    while kinds:
        source, destination = r.choice(pairs)
        if r.random() < 0.5:
            source, destination = destination, source
        octets = b""
        for _ in range(min(len(kinds), r.choice((1, 1, 1, 2, 4)))):
            sequence = (sequence + 1) % (1 << 32)
            octets += encode_random(r, random_message(r, kinds.pop(), sequence, time))
        ip = {"identification": r.getrandbits(16)}
        if source.ip.version == 4 and r.random() < 0.2:
            ip["options"] = b"\x94\x04\0\0"
        if source.ip.version == 6 and r.random() < 0.3:
            ip["hop_by_hop"] = True
        mtu = r.choice((256, 576)) if len(octets) > 1400 or r.random() < 0.1 else None
        recorder.udp(time, source, destination, octets, mtu=mtu, r=r, checksum=r.choice((None, None, 0x1234)), **ip)
        time += r.randint(MILLISECOND, 20 * MILLISECOND)
    recorder.render()
