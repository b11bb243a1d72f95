"""An independent reading of the wire profile: encoder and strict decoder of whole messages.

It shares no code with the program; the two are held against each other by `check.py`. Messages are dictionaries
of the shape in `Tests/SpatioWireTests/Vectors/vectors.json`. Run as a program it proves itself on those vectors.
"""
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import pathlib
import struct
import sys
import uuid

from payloads import (ADDRESS, EXTENSION_HEADER, EXTENSIONS, MULTICAST, PAYLOADS, PRIORITIES,
                      SEGMENT_INFO, TRACE_CONTEXT, TYPES, schema_codec)
from primitives import List, Cursor, Malformed, Out

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
except ImportError:  # Sealed worlds are then left out; signing needs only the standard library.
    AESGCM = ChaCha20Poly1305 = None

PORT = 7728
HEADER = 20
FLAGS = {"ADDRESS": 0x0001, "CHECKSUM": 0x0002, "DATA": 0x0004, "EXTENSIONS": 0x0008, "MULTICAST": 0x0010,
         "SIGNED": 0x0020, "ENCRYPTED": 0x0040, "RELIABLE": 0x0080, "ORDERED": 0x0100, "RETRANSMIT": 0x0200}
RESERVED = 0xF000
RETRANSMIT_BIT = 0x0200
TYPE_NUMBERS = {name: number for number, name in TYPES.items()}
DEFAULT_LIMIT = 1 << 20
HIGHEST_LIMIT = 16 << 20


def crc_table():
    table = []
    for octet in range(256):
        for _ in range(8):
            octet = octet >> 1 ^ (0x82F63B78 if octet & 1 else 0)
        table.append(octet)
    return table


CRC_TABLE = crc_table()


def crc32c(octets):
    value = 0xFFFFFFFF
    for octet in octets:
        value = value >> 8 ^ CRC_TABLE[(value ^ octet) & 0xFF]
    return value ^ 0xFFFFFFFF


# Compression: the system's libraries, as `uncompressed_size varint | block or frame`.

def library(name):
    path = ctypes.util.find_library(name)
    return ctypes.CDLL(path) if path else None


LZ4, ZSTD = library("lz4"), library("zstd")
if ZSTD:
    for function in (ZSTD.ZSTD_compress, ZSTD.ZSTD_decompress, ZSTD.ZSTD_compressBound):
        function.restype = ctypes.c_size_t


def compress(method, octets):
    out = Out()
    out.varint(len(octets))
    if method == "LZ4":
        buffer = ctypes.create_string_buffer(LZ4.LZ4_compressBound(len(octets)) or 1)
        size = LZ4.LZ4_compress_default(bytes(octets), buffer, len(octets), len(buffer))
    else:
        size_bound = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(octets)))
        buffer = ctypes.create_string_buffer(size_bound)
        size = ZSTD.ZSTD_compress(buffer, ctypes.c_size_t(size_bound), bytes(octets), ctypes.c_size_t(len(octets)), 3)
    out.add(buffer.raw[:size])
    return bytes(out.octets)


def decompress(method, octets, limit=DEFAULT_LIMIT):
    if method == "NONE":
        return octets
    c = Cursor(octets)
    size = c.varint()
    if size > min(limit, HIGHEST_LIMIT):
        raise Malformed(0, "uncompressed_size")
    block = bytes(c.take(c.left))
    buffer = ctypes.create_string_buffer(size or 1)
    if method == "LZ4":
        got = LZ4.LZ4_decompress_safe(block, buffer, len(block), size)
    else:
        got = ZSTD.ZSTD_decompress(buffer, ctypes.c_size_t(size), block, ctypes.c_size_t(len(block)))
    if got != size:
        raise Malformed(0, "compression")
    return buffer.raw[:size]


# Security, section 8.

def hkdf_extract(salt, material):
    return hmac.digest(salt, material, "sha256")


def hkdf_expand(secret, info, length):
    octets, block, count = b"", b"", 1
    while len(octets) < length:
        block = hmac.digest(secret, block + info + bytes([count]), "sha256")
        octets, count = octets + block, count + 1
    return octets[:length]


def session_secret(shared, session_id, epoch, connect_payload, ack_payload):
    transcript = hashlib.sha256(connect_payload + ack_payload).digest()
    salt = uuid.UUID(session_id).bytes + struct.pack(">H", epoch)
    return hkdf_expand(hkdf_extract(salt, shared), b"spatio session" + transcript, 32)


class Keys:
    """What one direction of one epoch seals and signs with."""

    def __init__(self, secret, direction, suite):
        name = direction.encode()
        self.key, self.iv = hkdf_expand(secret, name + b" key", 32), hkdf_expand(secret, name + b" iv", 12)
        self.mac = hkdf_expand(secret, name + b" mac", 32)
        self.cipher = ((ChaCha20Poly1305, AESGCM)[suite - 1])(self.key) if ChaCha20Poly1305 else None

    def nonce(self, stream, sequence):
        return bytes(a ^ b for a, b in zip(self.iv, struct.pack(">4xII", stream, sequence)))

    def seal(self, stream, sequence, plain, associated):
        return self.cipher.encrypt(self.nonce(stream, sequence), plain, associated)

    def open(self, stream, sequence, sealed, associated):
        try:
            return self.cipher.decrypt(self.nonce(stream, sequence), bytes(sealed), associated)
        except (InvalidTag, ValueError):
            return None

    def sign(self, octets):
        return hmac.digest(self.mac, octets, "sha256")[:16]


def parse_key_log(text):
    """Every key that a key log gives, both directions of each line."""
    keys = []
    for line in text.splitlines():
        word, _, _, suite, secret = line.split()
        assert word == "SPATIO_SESSION_SECRET"
        keys += [Keys(bytes.fromhex(secret), direction, int(suite)) for direction in ("client", "server")]
    return keys


def key_log_line(session_id, epoch, suite, secret):
    return f"SPATIO_SESSION_SECRET {uuid.UUID(session_id).hex} {epoch} {suite} {secret.hex()}\n"


def unmarked(octets):
    """The octets with the RETRANSMIT bit taken as 0."""
    flags = struct.unpack(">H", octets[2:4])[0] & ~RETRANSMIT_BIT
    return bytes(octets[:2]) + struct.pack(">H", flags) + bytes(octets[4:])


# Whole messages.

def encode_payload(message, r=None):
    if "segment" in message:
        return bytes.fromhex(message["segment"])
    if "raw" in message:
        return bytes.fromhex(message["raw"])
    out = Out(r)
    PAYLOADS[message["type"]].write(out, message["payload"])
    return bytes(out.octets)


def encode(message, r=None, keys=None, payload=None):
    """The octets of a message. `keys` seals and signs as the flags say; `payload` overrides the payload's octets.

    A DATA message that has no `segment` is compressed here and its SegmentInfo filled in where it is not given.
    """
    out = Out(r)
    flags = sum(FLAGS[name] for name in message["flags"]) | PRIORITIES.index(message["priority"]) << 10
    kind = TYPE_NUMBERS.get(message["type"], message["type"])
    stream, sequence = message["stream_id"], message["sequence"]
    out.add(struct.pack(">BBHIIQ", 1, kind, flags, stream, sequence, message["timestamp"]))
    if "ADDRESS" in message["flags"]:
        out.add(bytes([message["spatial_address"]["version"]]))
        ADDRESS.write(out, message["spatial_address"])
    if "EXTENSIONS" in message["flags"]:
        List(EXTENSION_HEADER).write(out, message["extensions"])
    if "MULTICAST" in message["flags"]:
        MULTICAST.write(out, message["multicast"])
    body = encode_payload(message, r) if payload is None else payload
    if "DATA" in message["flags"]:
        data = message["data"]
        if "segment" not in message and payload is None:
            if data["compression"] != "NONE":
                body = compress(data["compression"], body)
            data.update(total_size=len(body), segment_offset=0, segment_size=len(body), last_segment=True)
        SEGMENT_INFO.write(out, data)
    if "ENCRYPTED" in message["flags"] and keys is not None:
        body = keys.seal(stream, sequence, body, unmarked(out.octets))
    out.block(body)
    if "SIGNED" in message["flags"]:
        given = message.get("signature")
        out.add(bytes.fromhex(given) if given else keys.sign(unmarked(out.octets)))
    if "CHECKSUM" in message["flags"]:
        out.add(struct.pack(">I", crc32c(out.octets)))
    return bytes(out.octets)


def segments(message, whole, size, keys=None):
    """The messages that carry `whole`, cut into segments of `size` octets; sequences count on from the message's."""
    count = 0
    for offset in range(0, max(1, len(whole)), size):
        piece = whole[offset:offset + size]
        part = {key: value for key, value in message.items() if key not in ("payload", "data")}
        part["sequence"] = (message["sequence"] + count) % (1 << 32)
        part["data"] = {"compression": message["data"]["compression"], "total_size": len(whole),
                        "segment_offset": offset, "segment_size": len(piece),
                        "last_segment": offset + size >= len(whole)}
        part["segment"] = piece.hex()
        count += 1
        yield part


def read_envelope(data, start, end):
    """Everything but the meaning of the payload: (message so far, payload octets, payload offset, next message)."""
    c = Cursor(data, start, end, start)
    if c.left < HEADER:
        c.fail("truncated")
    version, kind, flags, stream, sequence, timestamp = struct.unpack(">BBHIIQ", c.take(HEADER))
    if version != 1:
        c.fail("version", start)
    if flags & RESERVED:
        c.fail("reserved flag", start + 2)
    names = [name for name, bit in FLAGS.items() if flags & bit]
    message = {"type": TYPES.get(kind, kind), "flags": names, "priority": PRIORITIES[flags >> 10 & 3],
               "stream_id": stream, "sequence": sequence, "timestamp": timestamp}
    if "ADDRESS" in names:
        if c.take(1)[0] != 1:
            c.fail("version", c.pos - 1)
        message["spatial_address"] = {"version": 1, **ADDRESS.read(c)}
    if "EXTENSIONS" in names:
        message["extensions"] = List(EXTENSION_HEADER).read(c)
    if "MULTICAST" in names:
        message["multicast"] = MULTICAST.read(c)
    if "DATA" in names:
        message["data"] = SEGMENT_INFO.read(c)
    associated = unmarked(data[start:c.pos])
    payload = c.inner()
    if "SIGNED" in names:
        message["signature"] = bytes(c.take(16)).hex()
    if "CHECKSUM" in names:
        at = c.pos
        if struct.unpack(">I", c.take(4))[0] != crc32c(data[start:at]):
            c.fail("checksum", at)
        message["checksum_ok"] = True
    if "DATA" in names:
        sealed = 16 if "ENCRYPTED" in names else 0
        info = message["data"]
        if info["segment_size"] + sealed != payload.left:
            raise Malformed(payload.pos - start, "segment_size")
    return message, payload, associated, c.pos


def is_segment(message):
    info = message.get("data")
    return info is not None and not (info["segment_offset"] == 0 and info["last_segment"])


def read_payload(message, c):
    """The payload of one whole, `c` over exactly its octets."""
    if message["type"] not in PAYLOADS:
        return {"raw": bytes(c.take(c.left)).hex()}
    if message["type"] == "SPATIAL_UPDATE" and "ADDRESS" not in message["flags"]:
        c.fail("SPATIAL_UPDATE without ADDRESS")
    value = PAYLOADS[message["type"]].read(c)
    c.finish("octets after the payload")
    return {"payload": value}


def decode(data, start=0, end=None, keys=(), limit=DEFAULT_LIMIT):
    """One message at `start`: (message, offset of the next). Raises Malformed."""
    message, payload, associated, following = read_envelope(data, start, len(data) if end is None else end)
    stream, sequence = message["stream_id"], message["sequence"]
    if "ENCRYPTED" in message["flags"]:
        sealed = bytes(payload.take(payload.left))
        opened = (k.open(stream, sequence, sealed, associated) for k in keys)
        plain = next((p for p in opened if p is not None), None)
        if plain is None:
            return {**message, "payload": None, "sealed": sealed.hex()}, following
        payload = Cursor(plain)
    if is_segment(message):
        message["segment"] = bytes(payload.take(payload.left)).hex()
    else:
        if message.get("data", {}).get("compression", "NONE") != "NONE":
            payload = Cursor(decompress(message["data"]["compression"], payload.take(payload.left), limit))
        message.update(read_payload(message, payload))
    return message, following


def envelope_end(data, start, end):
    """Where the message ends, or None if it cannot be told."""
    try:
        return read_envelope(data, start, end)[3]
    except Malformed:
        return None


def decode_datagram(data, keys=(), limit=DEFAULT_LIMIT):
    """Every message of a datagram: [(message or None, Malformed or None, first octet, end)]."""
    records, position = [], 0
    while position < len(data):
        left_over = 0 < position and len(data) - position < HEADER
        try:
            if left_over:
                raise Malformed(0, "octets after the last message")
            message, following = decode(data, position, keys=keys, limit=limit)
            records.append((message, None, position, following))
        except Malformed as error:
            following = None if left_over else envelope_end(data, position, len(data))
            following = following or len(data)
            records.append((None, error, position, following))
        position = following
    return records


def recognised(data):
    """Whether a datagram on another port is Spatio (section 2)."""
    position = 0
    if len(data) < HEADER or data[0] != 1 or data[1] not in TYPES or data[2] & 0xF0:
        return False
    while position < len(data):
        position = envelope_end(data, position, len(data))
        if position is None:
            return False
    return True


def decode_extension(header, schemas=None):
    """The data of an extension as fields, or None where it is not known or does not fit."""
    data = bytes.fromhex(header["data"])
    if header["extension_id"] == TRACE_CONTEXT:
        if len(data) != 25:
            return None
        return {"trace_id": data[:16].hex(), "parent_id": data[16:24].hex(), "flags": data[24]}
    codec = EXTENSIONS.get(header["extension_id"])
    if codec is None and schemas and header["extension_id"] in schemas:
        codec = schema_codec(schemas[header["extension_id"]])
    if codec is None:
        return None
    try:
        c = Cursor(data)
        value = codec.read(c)
        return value if c.left == 0 else None
    except Malformed:
        return None


def encode_extension(extension_id, value, schema=None):
    out = Out()
    (schema_codec(schema) if schema else EXTENSIONS[extension_id]).write(out, value)
    return bytes(out.octets)


# Self test on the vectors.

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "SpatioWireTests" / "Vectors" / "vectors.json"


def test_vector(vector):
    keys = parse_key_log(vector["keylog"]) if "keylog" in vector else []
    own = [k for k, d in zip(keys, ("client", "server")) if d == vector.get("direction")]
    got, parts = [], {}
    for datagram in vector["datagrams"]:
        octets, again = bytes.fromhex(datagram), b""
        for message, error, start, end in decode_datagram(octets, keys):
            if error:
                raise AssertionError(f"refused: {error}")
            got.append(message)
            if "SIGNED" in message["flags"] and own:
                without = {k: v for k, v in message.items() if k != "signature"}
                again += encode(without, keys=own[0])
            else:
                again += encode(json.loads(json.dumps(message)), keys=own[0] if own else None)
            if "segment" in message:
                parts[message["data"]["segment_offset"]] = message
        if vector["name"] != "long-form-varint":
            assert again == octets, "re-encoded octets differ"
    assert got == vector["messages"], "decoded differently"
    for message in got:
        header = message["payload"] if message["type"] == "EXTENSION" else None
        for header in message.get("extensions", [header] if header else []):
            if header["extension_id"] in EXTENSIONS:
                value = decode_extension(header)
                assert value and encode_extension(header["extension_id"], value).hex() == header["data"], "extension"
    if "reassembled" in vector:
        whole = b"".join(bytes.fromhex(parts[offset]["segment"]) for offset in sorted(parts))
        assert len(whole) == parts[0]["data"]["total_size"]
        plain = decompress(parts[0]["data"]["compression"], whole)
        assert read_payload(parts[0], Cursor(plain))["payload"] == vector["reassembled"], "reassembled differently"


def test_schema(vectors):
    """The schema of the manifest vector reads the extension that was written by it."""
    named = {v["name"]: v["messages"][0]["payload"] for v in vectors["valid"] if v["name"].startswith("extension-")
             and "payload" in v["messages"][0]}
    manifest = decode_extension(named["extension-manifest"])
    header = named["extension-with-schema"]
    value = decode_extension(header, {manifest["id"]: manifest["schema"]})
    assert value and encode_extension(header["extension_id"], value, manifest["schema"]).hex() == header["data"]


def test_malformed(vector):
    errors = [error for _, error, _, _ in decode_datagram(bytes.fromhex(vector["datagram"])) if error]
    assert len(errors) == 1, f"{len(errors)} malformed"
    assert errors[0].reason == vector["reason"], f"reason {errors[0].reason}, not {vector['reason']}"


def main():
    vectors, failed, count = json.loads(VECTORS.read_text()), 0, 0
    test_schema(vectors)
    for group, test in (("valid", test_vector), ("malformed", test_malformed)):
        for vector in vectors[group]:
            count += 1
            try:
                test(vector)
            except (AssertionError, Malformed) as error:
                failed += 1
                print(f"{vector['name']}: {error}")
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
