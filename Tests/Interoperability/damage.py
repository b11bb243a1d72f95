"""Worlds of what must not be believed: malformed messages, cut and rotten files, bombs, broken seals."""
import json
import math
import struct

import captures
import reference
from captures import ETHERNET
from conversation import CLIENT, Conversation, new_uuid
from messages import available_compressions, encode_random, endpoints, random_message
from payloads import TYPES
from primitives import Out
from traffic import MILLISECOND, START, Recorder
from truth import ANY, any_of
from world import World, world

# Reasons whose offset is the first octet of the one field that is wrong.
EXACT = ("bool", "enum value", "not finite", "confidence", "precision", "congestion_threshold",
         "octets after the payload", "reserved flag", "checksum")
# Reasons that are certain although a reader may well point at another octet of the field.
REASON_ONLY = ("not UTF-8", "segment_size", "DELTA_UPDATE with delta = 0", "SPATIAL_UPDATE without ADDRESS",
               "uncompressed_size", "compression")


def as_expected(error, message_type=None):
    """What must be said of a malformed message, as far as the profile and its vectors decide it."""
    if error.reason in EXACT:
        return {"offset": error.offset, "reason": error.reason}
    long_query = error.reason == "octets after the parameters" and message_type == "SPATIAL_QUERY"
    if error.reason in REASON_ONLY or long_query:
        return {"offset": ANY, "reason": error.reason}
    if error.reason == "version" and error.offset == 0:
        return {"offset": 0, "reason": "version"}
    if error.reason == "truncated":
        return {"offset": ANY, "reason": any_of("truncated", "count past the end")}
    return {"offset": ANY, "reason": ANY}


def finished(recorder, name="malformed.pcap"):
    """The world of a recorder's datagrams: every line, and how many of them are malformed."""
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.render()]
    malformed = sum("malformed" in r for r in recorder.records)
    return World({name: captures.pcap(packets)}).dump([name], recorder.records).stats(
        [name], {"packets": len(packets), "messages": len(recorder.records), "malformed": malformed})


@world
def malformed_vectors(r):
    """The vectors that are malformed, each a datagram of its own."""
    recorder, time = Recorder(), START
    client, server = endpoints(r, False)
    vectors = json.loads(reference.VECTORS.read_text())["malformed"]
    for vector in vectors:
        recorder.udp(time, client, server, bytes.fromhex(vector["datagram"]))
        time += MILLISECOND
    recorder.render()
    reasons = [record["malformed"]["reason"] for record in recorder.records if "malformed" in record]
    assert reasons == [vector["reason"] for vector in vectors]
    for record in recorder.records:
        if "malformed" in record:
            record["malformed"]["offset"] = ANY
    return finished(recorder)


def plain_message(r, number, time):
    """Random octets of a message whose payload lies open on the wire."""
    while True:
        message = random_message(r, r.choice(list(TYPES.values())), number, time)
        if "sealed" not in message and message.get("data", {}).get("compression", "NONE") == "NONE":
            return message, encode_random(r, message)


def with_checksum(message, octets):
    if "CHECKSUM" in message["flags"]:
        octets = octets[:-4] + struct.pack(">I", reference.crc32c(octets[:-4]))
    return octets


@world
def malformed_mutations(r):
    """An octet or two of a good message changed, the checksum made right again: the same verdict, field for field."""
    recorder, time, number = Recorder(), START, 0
    client, server = endpoints(r, False)
    while number < 400:
        message, octets = plain_message(r, number, time)
        body = len(octets) - (4 if "CHECKSUM" in message["flags"] else 0)
        change = r.choice((b"\0", b"\1", b"\2", b"\3", b"\4", b"\x80", b"\xff", r.randbytes(1), b"\x7f\xf8",
                           b"\xff\xf0"))
        if body <= reference.HEADER + len(change):
            continue
        place = r.randrange(reference.HEADER, body - len(change))
        octets = with_checksum(message, octets[:place] + change + octets[place + len(change):])
        records = reference.decode_datagram(octets)
        error = records[0][1]
        # Where the length of the payload itself changed, what follows is anybody's guess.
        if len(records) > 1 or records[0][3] != len(octets) or (error and error.reason == "checksum"):
            continue
        if error is None and r.random() < 0.9:  # Most changes do no harm; some of those are wanted too.
            continue
        expect(recorder, time, client, server, octets, error and as_expected(error, message["type"]))
        time, number = time + MILLISECOND, number + 1
    return finished(recorder)


def float_leaves(value):
    """Where the floats of a message are: (holder, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, float):
            yield value, key
        yield from float_leaves(item)


@world
def malformed_floats(r):
    """Every kind of float as NaN or infinite, and those that have a range outside it."""
    recorder, time, number = Recorder(), START, 0
    client, server = endpoints(r, False)
    while number < 300:
        message, _ = plain_message(r, number, time)
        leaves = list(float_leaves(message))
        if not leaves:
            continue
        holder, key = r.choice(leaves)
        bounds = {"confidence": (-0.5, 1.5), "congestion_threshold": (-0.25, 2.0), "precision": (-1.0,)}
        holder[key] = r.choice((math.nan, math.inf, -math.inf, *bounds.get(key, ())))
        octets = reference.encode(message)
        error = reference.decode_datagram(octets)[0][1]
        # A geodetic system has a precision too, whose range the profile leaves open.
        if error:
            expect(recorder, time, client, server, octets, as_expected(error))
            time, number = time + MILLISECOND, number + 1
    return finished(recorder)


def expect(recorder, time, client, server, octets, malformed):
    """A datagram of one record, with what must be said if it is malformed."""
    def judge(now):
        recorder.udp(now, client, server, octets, known=False)

        def record(later):
            recorder.inspector.datagram(recorder.last, client, server, octets)
            if malformed:
                recorder.records[-1]["malformed"] = malformed
        recorder.at(now, record)
    recorder.at(time, judge)


@world
def malformed_headers(r):
    """Version, reserved flags and checksum of messages of every type, and octets after the last message."""
    recorder, time = Recorder(), START
    client, server = endpoints(r, False)
    for number, kind in enumerate(TYPES.values()):
        message = random_message(r, kind, number, time)
        octets = encode_random(r, message)
        wrong = [bytes([r.choice((0, 2, 255))]) + octets[1:],
                 octets[:2] + bytes([octets[2] | r.choice((0x10, 0x20, 0x40, 0x80))]) + octets[3:]]
        if "CHECKSUM" in message["flags"]:
            wrong.append(octets[:-1] + bytes([octets[-1] ^ 1]))
        for octets_wrong in wrong:
            error = reference.decode_datagram(octets_wrong)[0][1]
            expect(recorder, time, client, server, octets_wrong, as_expected(error))
            time += MILLISECOND
        recorder.udp(time, client, server, octets + bytes(r.randint(1, 19)))
        time += MILLISECOND
    return finished(recorder)


@world
def malformed_prefixes(r):
    """Every prefix of some messages."""
    recorder, time = Recorder(), START
    client, server = endpoints(r, False)
    for number, kind in enumerate(("PING", "SPATIAL_UPDATE", "CONNECT", "STATE_SYNC")):
        octets = encode_random(r, random_message(r, kind, number, time))[:600]
        for end in range(1, len(octets)):
            error = reference.decode_datagram(octets[:end])[0][1]
            assert error and error.reason in ("truncated", "count past the end"), error
            expect(recorder, time, client, server, octets[:end],
                   {"offset": ANY, "reason": any_of("truncated", "count past the end") if end > 20 else "truncated"})
            time += MILLISECOND
    return finished(recorder)


@world
def segments_bombs(r):
    """Wholes that claim too much, or whose compressed octets are none; each ends in a malformed segment."""
    recorder, time = Recorder(), START
    client, server = endpoints(r, False)
    sequence = 0
    for compression in available_compressions()[1:]:
        for claim, content in ((16 << 20, b""), ((1 << 20) + 1, b"\0" * ((1 << 20) + 1)), (1 << 61, b""), (64, None)):
            out = Out()
            out.varint(claim)
            packed = reference.compress(compression, content) if content else b"\xff" * 40
            whole = bytes(out.octets) + (packed[1 << (packed[0] >> 6):] if content else packed)
            message = {"type": "STATE_SYNC", "flags": ["CHECKSUM", "DATA"], "priority": "LOW", "stream_id": 2,
                       "sequence": sequence, "timestamp": time // 1000, "data": {"compression": compression}}
            for part in reference.segments(message, whole, max(8, len(whole) // 3)):
                recorder.udp(time, client, server, reference.encode(part))
                time, sequence = time + MILLISECOND, part["sequence"] + 1
    return finished(recorder)


@world
def sealed_broken(r):
    """Sealed messages of which some octets were changed on the way: shown sealed, never as something else."""
    if reference.ChaCha20Poly1305 is None:
        return None
    recorder = Recorder()
    client, server = endpoints(r, False)
    talk = Conversation(r, recorder, client, server, security="ENCRYPT", suite=r.choice((1, 2)))
    talk.connect(START, [(new_uuid(r), "plaza", 1)])
    time, broken = START + 50 * MILLISECOND, set()
    for number in range(60):
        octets = talk.build(CLIENT, 1, "PEER_LEAVE", {"peer_id": new_uuid(r), "code": "SUCCESS", "reason": "bye"}, time)
        if number % 3 == 0:
            place = r.randrange(21, 21 + 16)
            octets = octets[:place] + bytes([octets[place] ^ 0x40]) + octets[place + 1:]
            if octets[3] & reference.FLAGS["CHECKSUM"]:
                octets = octets[:-4] + struct.pack(">I", reference.crc32c(octets[:-4]))
            broken.add(time)
        talk.deliver(CLIENT, octets, time)
        time += MILLISECOND
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.render()]
    assert sum("sealed" in record["message"] for record in recorder.records) == len(broken)
    made = World({"broken.pcap": captures.pcap(packets), "keys.log": talk.key_log.encode()})
    made.dump(["broken.pcap"], recorder.records, ["--keylog", "keys.log"])
    for line in made.runs[0]["lines"]:
        if "sealed" in line["message"]:  # Whether this is called malformed is left to the program.
            line["malformed"] = {"any": True, "absent": True}
    return made


# Files.

def simple_datagrams(r, count):
    """Datagrams of one packet each, without DATA, whose meaning depends on no other."""
    recorder, time = Recorder(), START
    pairs = [endpoints(r, False) for _ in range(3)]
    for number in range(count):
        while True:
            message = random_message(r, r.choice(list(TYPES.values())), number, time)
            if "DATA" not in message["flags"] and "sealed" not in message:
                break
        octets = encode_random(r, message)
        if len(octets) < 1400:
            recorder.udp(time, *r.choice(pairs), octets)
        time += MILLISECOND
    recorder.render()
    assert len(recorder.packets) == len(recorder.records)
    return recorder


def cut_world(r, form):
    recorder = simple_datagrams(r, 60)
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.packets]
    write = captures.pcap if form == "pcap" else captures.pcapng
    ends = [len(write(packets[:count])) for count in range(len(packets) + 1)]
    whole, made = write(packets), World({})
    places = [0, 3, ends[0] - 1, ends[0], ends[7], ends[7] + 1, ends[9] - 1]
    places += [r.randrange(len(whole)) for _ in range(7)]
    for place in sorted(set(places)):
        name = f"cut-{place}.{form}"
        made.files[name] = whole[:place]
        count = sum(end <= place for end in ends) - 1
        exit_status = 0 if place in ends else 1
        made.dump([name], recorder.records[:max(0, count)], exit=exit_status)
        if count > 0:
            made.stats([name], {"packets": count, "messages": count, "malformed": 0}, exit=exit_status)
    return made


@world
def cut_pcap(r):
    return cut_world(r, "pcap")


@world
def cut_pcapng(r):
    return cut_world(r, "pcapng")


@world
def cut_gzip(r):
    """A compressed capture cut short: what can still be unpacked is there, and the loss is said."""
    recorder = simple_datagrams(r, 60)
    whole = captures.packed("gz", captures.pcap([(t, captures.frame(ETHERNET, p)) for t, p in recorder.packets]))
    made = World({})
    for place in (r.randrange(len(whole) // 2, len(whole)), len(whole) - 3):
        name = f"cut-{place}.pcap.gz"
        made.files[name] = whole[:place]
        made.dump([name], recorder.records, exit=1, mode="prefix")
    return made


@world
def not_captures(r):
    """Files that are no captures, and captures of nothing."""
    made = World({"empty.pcap": b"", "text.pcap": b"this is not a capture\n" * 20, "noise.pcapng": r.randbytes(5000),
                  "zeros.pcap": bytes(4096), "nothing.pcap": captures.pcap([]), "nothing.pcapng": captures.pcapng([])})
    for name in made.files:
        made.dump([name], [], exit=0 if name.startswith("nothing") else 1)
    return made.dump(["missing.pcap"], [], exit=1)


@world
def rotten_packets(r):
    """Octets changed inside some packets: every other packet's messages are all there."""
    recorder = simple_datagrams(r, 200)
    packets, good = [], []
    for (time, packet), record in zip(recorder.packets, recorder.records):
        if r.random() < 0.4:
            octets = bytearray(packet)
            for _ in range(r.randint(1, 8)):
                octets[r.randrange(28, len(octets))] = r.randrange(256)
            packet = bytes(octets)
        else:
            good.append(record)
        packets.append((time, captures.frame(ETHERNET, packet)))
    return World({"rotten.pcap": captures.pcap(packets)}).dump(["rotten.pcap"], good, mode="among")


def rotten_files(r, write, count):
    recorder = simple_datagrams(r, 60)
    whole = write([(t, captures.frame(ETHERNET, p)) for t, p in recorder.packets])
    made = World({})
    for number in range(count):
        octets = bytearray(whole)
        for _ in range(r.choice((1, 5, 200))):
            octets[r.randrange(len(octets))] = r.choice((0, 0xFF, r.randrange(256)))
        name = f"rotten-{number}"
        made.files[name] = bytes(octets)
        made.run("dump", [name], mode="survive", exit=None)
        made.run("stats", [name], exit=None)
    return made


@world
def rotten_pcap(r):
    return rotten_files(r, captures.pcap, 8)


@world
def rotten_pcapng(r):
    return rotten_files(r, captures.pcapng, 8)


@world
def rotten_gzip(r):
    return rotten_files(r, lambda packets: captures.packed("gz", captures.pcap(packets)), 4)
