"""Worlds: captures with the truth about them.

`worlds.py DIRECTORY [SEED]` writes them all, each with its `.expected.json`.
"""
import json
import pathlib
import struct
import sys
from types import MappingProxyType

import captures
import damage  # noqa: F401 (registers its worlds)
import reference
import truth
from captures import ETHERNET, LOOP, NULL, RAW, SLL, SLL2, Endpoint
from conversation import SERVER, Conversation, Replica, new_uuid, play
from messages import available_compressions, encode_random, endpoints, random_datagrams, random_message
from payloads import TYPES
from traffic import MICROSECOND, MILLISECOND, SECOND, START, Connection, Recorder
from world import WORLDS, World, build, world


def messages_world(r, link, form, *, order="<", nano=False, vlans=(), family=30, pack=None, count=130):
    recorder = Recorder(grain=1 if nano else MICROSECOND)
    random_datagrams(r, recorder, count)
    packets = [(time, captures.frame(link, packet, vlans, order, family)) for time, packet in recorder.packets]
    octets = captures.pcap(packets, link, order, nano) if form == "pcap" else captures.pcapng(packets, link, order,
                                                                                             9 if nano else None)
    name = f"capture.{form}"
    if pack:
        packed = captures.packed(pack, octets)
        if packed is None:
            return None
        octets, name = packed, f"{name}.{pack}"
    made = World({name: octets}).dump([name], recorder.records).stats(
        [name], {"packets": len(packets), "messages": len(recorder.records), "malformed": 0})
    return made.run("dump", ["-"], mode="exact", lines=made.runs[0]["lines"], exit=0, stdin=name)


LINKS = {
    "ethernet": dict(link=ETHERNET, form="pcap"),
    "ethernet-swapped-nano": dict(link=ETHERNET, form="pcap", order=">", nano=True),
    "vlan": dict(link=ETHERNET, form="pcap", vlans=((0x8100, 0x6005),)),
    "qinq": dict(link=ETHERNET, form="pcapng", vlans=((0x88A8, 12), (0x8100, 7))),
    "sll": dict(link=SLL, form="pcap"),
    "sll2": dict(link=SLL2, form="pcapng", order=">"),
    "raw": dict(link=RAW, form="pcap"),
    "null": dict(link=NULL, form="pcap", family=24),
    "null-swapped": dict(link=NULL, form="pcap", order=">", family=28),
    "loop": dict(link=LOOP, form="pcap"),
    "pcapng-nano": dict(link=ETHERNET, form="pcapng", nano=True),
    "gzip": dict(link=ETHERNET, form="pcap", pack="gz"),
    "gzip-pcapng": dict(link=ETHERNET, form="pcapng", pack="gz"),
    "lz4": dict(link=ETHERNET, form="pcap", pack="lz4"),
    "zstandard": dict(link=ETHERNET, form="pcapng", pack="zst"),
}
for _name, _options in LINKS.items():
    WORLDS[f"messages-{_name}"] = lambda r, options=_options: messages_world(r, **options)


@world
def messages_interfaces(r):
    """Sections of both byte orders, interfaces of several links, resolutions and offsets, blocks to step over."""
    file, lines, packets = captures.Pcapng(), [], 0
    for section, (order, interfaces) in enumerate((
            ("<", ((ETHERNET, None, 0), (RAW, 9, 0), (SLL, 0x80 | 20, 0))),
            (">", ((NULL, 3, 0), (ETHERNET, 9, 1_700_000_000))),
            ("<", ((SLL2, 0x80 | 10, 0), (RAW, 6, -3600))))):
        file.section(order)
        file.other_block(0x0BAD, struct.pack(order + "I", 1) + b"unknown block")
        for number, (link, resolution, offset) in enumerate(interfaces):
            file.interface(link, resolution, offset, f"if{number}")

        def interface(packet):  # The traffic of one pair of endpoints stays on one interface.
            six = packet[0] >> 4 == 6
            return sum(packet[8:40] if six else packet[12:20]) % len(interfaces)
        recorder = Recorder(spacing=3 * MILLISECOND, kept=lambda t, packet: file.kept(interface(packet), t))
        random_datagrams(r, recorder, 60, start=START + 10 * section * SECOND)
        for time, packet in recorder.packets:
            number = interface(packet)
            file.packet(number, time, captures.frame(interfaces[number][0], packet, order=order),
                        "a comment" if r.random() < 0.2 else None)
        packets += len(recorder.packets)
        lines += recorder.records
        file.other_block(4, struct.pack(order + "HH", 0, 0))  # name resolution, empty
        file.other_block(5, struct.pack(order + "III", 0, 0, 0))  # interface statistics
    for number, record in enumerate(lines):
        record["number"] = number + 1
    return World({"capture.pcapng": file.out}).dump(["capture.pcapng"], lines).stats(
        ["capture.pcapng"], {"packets": packets, "messages": len(lines), "malformed": 0})


@world
def vectors(r):
    """The valid test vectors, each from a client of its own; here the vectors are the truth, not the reference."""
    made, recorders = World({}), {}
    for vector in json.loads(reference.VECTORS.read_text())["valid"]:
        # The sealed vectors share a session and an epoch but not their keys, so each key log has a file.
        key_log = vector.get("keylog", "")
        recorder, lines = recorders.setdefault(key_log, (Recorder(), []))
        client, server = endpoints(r)
        if vector.get("direction") == "server":
            client, server = server, client
        for datagram in vector["datagrams"]:
            recorder.udp(START + len(recorder.heap) * MILLISECOND, client, server, bytes.fromhex(datagram), known=False)
        for number, message in enumerate(vector["messages"]):
            line = {"source": str(client), "destination": str(server), "transport": "udp", "message": message}
            if "reassembled" in vector and number + 1 == len(vector["messages"]):
                line["reassembled"] = {"segments": len(vector["messages"]), "payload": vector["reassembled"]}
            lines.append({"number": len(lines) + 1, **line})
    for number, (key_log, (recorder, lines)) in enumerate(recorders.items()):
        name, extra = f"vectors-{number}.pcap", []
        made.files[name] = captures.pcap([(t, captures.frame(ETHERNET, p)) for t, p in recorder.render()])
        if key_log:
            made.files[f"keys-{number}.log"] = key_log.encode() + b"\n"
            extra = ["--keylog", f"keys-{number}.log"]
        made.run("dump", [name], extra, mode="exact", lines=lines, exit=0)
    return made


# TCP.

def tcp_world(r, *, six=False, joined=False, rough=True, count=160, port=reference.PORT):
    recorder = Recorder()
    connections = [Connection(r, *endpoints(r, six, port), rough=rough, joined=joined) for _ in range(3)]
    time, kinds = START, (list(TYPES.values()) * (1 + count // len(TYPES)))[:count]
    r.shuffle(kinds)
    for number, kind in enumerate(kinds):
        octets = encode_random(r, random_message(r, kind, number, time))
        recorder.tcp(time, r.choice(connections), r.randint(0, 1), octets)
        time += r.choice((0, 1, 8, 30)) * MILLISECOND
    recorder.render()
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.packets]
    assert len(recorder.records) == count
    extra = ["--port", str(port)] if port != reference.PORT else []
    return World({"tcp.pcap": captures.pcap(packets)}).dump(["tcp.pcap"], recorder.records, extra).stats(
        ["tcp.pcap"], {"packets": len(packets), "messages": count, "malformed": 0}, extra)


WORLDS["tcp-clean"] = lambda r: tcp_world(r, rough=False)
WORLDS["tcp-rough"] = tcp_world
WORLDS["tcp-rough-ipv6"] = lambda r: tcp_world(r, six=True)
WORLDS["tcp-joined"] = lambda r: tcp_world(r, joined=True, rough=False)
WORLDS["tcp-other-port"] = lambda r: tcp_world(r, port=9100)


def broken_tcp_world(r, *, lost=MappingProxyType({}), inside=False):
    """A connection of which the capture lacks the named parts of some messages, or that it joins inside one.

    A reader may need a few messages until it is sure that it has found the boundaries again.
    """
    recorder = Recorder()
    connection = Connection(r, *endpoints(r, False), joined=inside)
    time, sent = START, [[], []]
    for number in range(240):
        side = 0 if number % 4 else 1
        octets = encode_random(r, random_message(r, r.choice(list(TYPES.values())), number, time, stream=side))
        place = r.randrange(1, len(octets))
        if inside and not sent[side]:
            recorder.tcp(time, connection, side, octets[place:])
        elif number in lost:
            recorder.tcp(time, connection, side, octets[:place], lost="head" in lost[number])
            recorder.tcp(time + MILLISECOND, connection, side, octets[place:], lost="tail" in lost[number])
        else:
            recorder.tcp(time, connection, side, octets)
        sent[side].append((octets, number not in lost and not (inside and not sent[side])))
        time += 10 * MILLISECOND
    recorder.render()
    expected = []
    for half, messages in zip(connection.sides, sent):
        shy = 0
        for octets, whole in messages:
            shy = max(0, shy - 1) if whole else 4
            expected.append({"source": str(half.source), "destination": str(half.destination), "transport": "tcp",
                             "message": reference.decode(octets)[0], "needed": whole and not shy, "possible": whole})
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.packets]
    return World({"broken.pcap": captures.pcap(packets)}).run("dump", ["broken.pcap"], mode="found again",
                                                              lines=expected, exit=None)


WORLDS["tcp-gaps"] = lambda r: broken_tcp_world(r, lost={
    81: "head tail", 82: "head tail", 122: "tail", 123: "head", 150: "head", 190: "tail"})
WORLDS["tcp-joined-inside"] = lambda r: broken_tcp_world(r, inside=True)


# Conversations.

def conversation_world(r, *, transport="udp", rough=False, clients=1, security="NONE", suite=1, epochs=1, cut=None,
                       seconds=5, challenge=False):
    if security != "NONE" and reference.ChaCha20Poly1305 is None:
        return None
    recorder, talks, places, replicas = Recorder(), [], {}, []
    for number in range(clients):
        client, server = endpoints(r, False)
        connection = Connection(r, client, server, rough=rough) if transport == "tcp" else None
        talk = Conversation(r, recorder, client, server, connection=connection, security=security, suite=suite)
        entities = [new_uuid(r) for _ in range(r.randint(1, 4))]
        replica = Replica(r, new_uuid(r), entities)
        for entity in entities:
            replica.entry(entity, "ADDED", replica.fields())
        places.update(play(r, talk, START + number * 7 * MILLISECOND, space=replica.space, replica=replica,
                           entities=entities, seconds=seconds, rough=rough and transport == "udp", challenge=challenge,
                           epochs=epochs))
        talks.append(talk)
        replicas.append(replica)
    packets = recorder.render()
    name, key_log = "world.pcap", "".join(t.key_log for t in talks)
    figures = truth.stats(recorder.records, len(packets), [t.described() for t in talks])
    if cut is None:
        agree(figures, talks, places, replicas)
    records = recorder.records
    if cut is not None:
        packets, records, figures = begin_later(packets, recorder, cut)
    files = {name: captures.pcap([(t, captures.frame(ETHERNET, p)) for t, p in packets])}
    extra = []
    if key_log:
        files["keys.log"], extra = key_log.encode(), ["--keylog", "keys.log"]
    made = World(files).dump([name], records, extra).stats([name], figures, extra)
    if key_log and security == "ENCRYPT" and cut is None:
        sealed = sum("ENCRYPTED" in r["message"]["flags"] for r in records)
        made.stats([name], {"messages": len(records), "malformed": 0, "undecrypted": sealed})
        made.dump([name], [hide(r) for r in records])
    return made


def hide(record):
    """The record as it looks without keys."""
    message = record["message"]
    if "ENCRYPTED" not in message["flags"]:
        return record
    shown = {key: value for key, value in message.items() if key not in ("payload", "segment")}
    return {**{k: v for k, v in record.items() if k != "reassembled"},
            "message": {**shown, "payload": None, "sealed": record["sealed"]}}


def begin_later(packets, recorder, seconds):
    """The capture without its first seconds, its messages judged anew."""
    begin = START + seconds * SECOND
    kept = [(t, p) for t, p in packets if t >= begin]
    again = truth.Inspector(recorder.inspector.keys)
    for record in recorder.records:
        if record["time"] >= begin:
            record = {k: v for k, v in record.items() if k not in ("number", "reassembled")}
            again.records.append({"number": len(again.records) + 1, **record})
    figures = truth.stats(again.records, len(kept))
    # The state before the capture began is not known, so only what the capture itself tells is compared.
    for entity in figures["entities"]:
        entity.pop("state", None)
    figures["entities"] = [e for e in figures["entities"] if "position" in e]
    figures.pop("spaces")
    return kept, again.records, figures


def agree(figures, talks, places, replicas):
    """The truth that the inspector found is the one that was put in."""
    streams = {(s["source"], s["destination"], s["stream_id"]): s for s in figures["streams"]}
    for talk in talks:
        for (direction, stream), injected in talk.injected.items():
            source, destination = talk.ends(direction)
            found = streams[str(source), str(destination), stream]
            assert (found["lost"], found["duplicates"]) == (injected["lost"], injected["duplicates"]), (found, injected)
            retransmits = found["retransmits"]
            counted = retransmits["any_of"] if isinstance(retransmits, dict) else [retransmits]
            assert injected["retransmits"] in counted, (found, injected)
    states = {e: s for replica in replicas for e, s in replica.shown().items()}
    listed = {e["entity_id"]: e for e in figures["entities"]}
    for entity, place in places.items():
        assert listed[entity]["position"] == place
    for entity, state in states.items():
        assert listed[entity]["state"] == state, (listed[entity]["state"], state)
    assert {s["space_id"]: s["state_version"] for s in figures["spaces"]} == {r.space: r.version for r in replicas}


for _name, _options in {
        "world-calm": {}, "world-rough": dict(rough=True, seconds=10),
        "world-rough-clients": dict(rough=True, clients=4),
        "world-challenge": dict(challenge=True), "world-tcp": dict(transport="tcp"),
        "world-tcp-rough": dict(transport="tcp", rough=True, clients=2),
        "sealed-chacha20": dict(security="ENCRYPT", suite=1, epochs=2),
        "sealed-aes": dict(security="ENCRYPT", suite=2, epochs=3),
        "sealed-rough": dict(security="ENCRYPT", suite=2, epochs=2, rough=True, clients=2),
        "sealed-tcp": dict(security="ENCRYPT", suite=1, epochs=2, transport="tcp", rough=True),
        "sealed-joined": dict(security="ENCRYPT", suite=1, epochs=3, cut=2),
        "signed": dict(security="SIGN", suite=1, epochs=2), "signed-rough": dict(security="SIGN", rough=True)}.items():
    WORLDS[_name] = lambda r, options=_options: conversation_world(r, **options)


# Segments and compression.

def state_whole(r, space, count, version):
    entries = []
    for number in range(count):
        fields = [{"key": "name", "value": {"tag": "STRING", "value": f"Zoë {number}"}},
                  {"key": "position", "value": {"tag": "VECTOR3", "value": [r.uniform(-9, 9) for _ in range(3)]}},
                  {"key": "lap", "value": {"tag": "INT", "value": r.randint(-9, 9)}}]
        entries.append({"change": "ADDED", "entity_id": new_uuid(r), "entity_version": number, "fields": fields})
    return {"space_id": space, "version": version, "timestamp": START // MILLISECOND, "delta": False,
            "entries": entries}


def segmented_world(r, *, compression="NONE", order="straight", security="NONE", transport="udp", big=False):
    if compression not in available_compressions() or (security == "ENCRYPT" and reference.ChaCha20Poly1305 is None):
        return None
    recorder = Recorder()
    client, server = endpoints(r, False)
    connection = Connection(r, client, server, rough=True) if transport == "tcp" else None
    talk = Conversation(r, recorder, client, server, connection=connection, security=security, suite=1)
    talk.compression = compression
    space, time = new_uuid(r), START
    talk.connect(time, [(space, "plaza", 0)])
    time += 50 * MILLISECOND
    for number in range(1 if big else 5):
        payload = state_whole(r, space, r.randint(20, 90), number + 1)
        if big:  # Over 1 MiB, under what the two sides agreed on.
            payload["entries"][0]["fields"][0]["value"]["value"] = "many " * 250_000
        size = r.choice((50, 300, 1000)) if not big else 1200
        parts = whole_as_messages(r, talk, payload, compression, size, time, stream=2)
        other = [talk.build(SERVER, 3, "PEER_LEAVE", {"peer_id": new_uuid(r), "code": "SUCCESS", "reason": "bye"}, time)
                 for _ in range(3)]
        if order == "mixed":
            parts.insert(r.randrange(len(parts)), r.choice(parts))
            r.shuffle(parts)
        if order == "lossy" and number % 2 and len(parts) > 1:
            parts.pop(r.randrange(len(parts)))
        between = sorted(r.randrange(len(parts)) for _ in other)
        for at, octets in zip(reversed(between), other):
            parts.insert(at, octets)
        for octets in parts:
            talk.deliver(SERVER, octets, time)
            time += 200 * MICROSECOND
        time += 20 * MILLISECOND
    packets = recorder.render()
    name = "segments.pcap"
    files, extra = {name: captures.pcap([(t, captures.frame(ETHERNET, p)) for t, p in packets])}, []
    if talk.key_log:
        files["keys.log"], extra = talk.key_log.encode(), ["--keylog", "keys.log"]
    figures = truth.stats(recorder.records, len(packets), [talk.described()])
    return World(files).dump([name], recorder.records, extra).stats([name], figures, extra)


def whole_as_messages(r, talk, payload, compression, size, time, stream):
    """The octets of the segments that carry a StateSync as one whole."""
    whole = reference.encode_payload({"type": "STATE_SYNC", "payload": payload})
    if compression != "NONE":
        whole = reference.compress(compression, whole)
    key = SERVER, stream
    sequence = talk.next.setdefault(key, (1 << 32) - 3)
    flags = ["CHECKSUM", "DATA"] + (["ENCRYPTED"] if talk.security == "ENCRYPT" else [])
    message = {"type": "STATE_SYNC", "flags": flags, "priority": "HIGH", "stream_id": stream, "sequence": sequence,
               "timestamp": time // 1000, "data": {"compression": compression}}
    parts = list(reference.segments(message, whole, size))
    talk.next[key] = (sequence + len(parts)) % (1 << 32)
    return [reference.encode(part, keys=talk.keys.get(SERVER)) for part in parts]


for _name, _options in {
        "segments-none": {}, "segments-lz4": dict(compression="LZ4"), "segments-zstd": dict(compression="ZSTD"),
        "segments-mixed": dict(compression="LZ4", order="mixed"), "segments-lossy": dict(order="lossy"),
        "segments-tcp": dict(compression="ZSTD", transport="tcp"),
        "segments-sealed": dict(compression="ZSTD", security="ENCRYPT", order="mixed"),
        "segments-big": dict(compression="ZSTD", big=True)}.items():
    WORLDS[_name] = lambda r, options=_options: segmented_world(r, **options)


# Other traffic, other ports, several files.

def other_packets(r, time):
    """Traffic that is not Spatio, some of it near misses on other ports."""
    a, b = Endpoint("10.9.0.5", r.randint(30000, 60000)), Endpoint("10.9.0.9", r.choice((53, 80, 443, 5353, 9000)))
    good = reference.encode({"type": "PING", "flags": ["CHECKSUM"], "priority": "LOW", "stream_id": 0, "sequence": 1,
                             "timestamp": time // 1000, "payload": {"ping_id": 1, "streams": []}})
    near = r.choice((
        r.randbytes(r.randint(1, 300)), b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\0\0\x01\0\x01",
        good + b"\0", good[:-1], good[:1] + b"\x7a" + good[2:], good[:2] + bytes([good[2] | 0x10]) + good[3:],
        b"\x02" + good[1:], b"\x01" * 12))
    if near[:1] == b"\x01" and reference.recognised(near):
        near = b"\0"
    kind = r.random()
    if kind < 0.6:
        return captures.ip_packets(a, b, captures.UDP, captures.udp(a, b, near))[0]
    if kind < 0.8:
        b = Endpoint("10.9.0.9", 80)
        return captures.ip_packets(a, b, captures.TCP, captures.tcp(a, b, 1, 1, 24, b"GET / HTTP/1.1\r\n\r\n"))[0]
    return captures.ip_packets(a, b, captures.ICMP, b"\x08\0\xf7\xff\0\0\0\0")[0]


@world
def other_traffic(r):
    """Spatio among other traffic and on ports that nobody named."""
    recorder, time = Recorder(), START
    pairs = [endpoints(r, port=port) for port in (reference.PORT, 9999, 40404)]
    pairs.append((Endpoint("10.7.1.9", 41000), Endpoint("239.77.28.1", reference.PORT)))
    pairs.append((Endpoint("fd00:7::9", 41000), Endpoint("ff15::7728", reference.PORT)))
    for number in range(250):
        time += MILLISECOND
        if r.random() < 0.5:
            recorder.other(time, other_packets(r, time))
            continue
        source, destination = r.choice(pairs)
        octets = encode_random(r, random_message(r, r.choice(list(TYPES.values())), number, time))
        recorder.udp(time, source, destination, octets)
    packets = [(t, captures.frame(ETHERNET, p)) for t, p in recorder.render()]
    arp = bytes.fromhex("ffffffffffff0200000000aa08060001080006040001") + bytes(38)
    packets.insert(5, (packets[4][0] + 1, arp))
    return World({"other.pcap": captures.pcap(packets)}).dump(["other.pcap"], recorder.records).stats(
        ["other.pcap"], {"packets": len(packets), "messages": len(recorder.records), "malformed": 0})


@world
def several_files(r):
    """A capture dealt out over three files of different forms, put together again by time."""
    recorder = Recorder()
    client, server = endpoints(r, False)
    connection = Connection(r, client, server, rough=True)
    replica = Replica(r, new_uuid(r), [new_uuid(r)])
    entity = next(iter(replica.entities))
    replica.entry(entity, "ADDED", replica.fields())
    talk = Conversation(r, recorder, client, server, connection=connection)
    play(r, talk, START, space=replica.space, replica=replica, entities=[entity], seconds=3)
    random_datagrams(r, recorder, 60)
    packets = recorder.packets
    # UDP overlaps in time; the TCP connection is rotated from one file to the next.
    dealt = [[], [], []]
    for number, (time, packet) in enumerate(packets):
        protocol = packet[9] if packet[0] >> 4 == 4 else None
        place = number * 2 // len(packets) if protocol == captures.TCP else r.randrange(3)
        dealt[place].append((time, captures.frame(ETHERNET if place < 2 else RAW, packet)))
    files = {"one.pcap": captures.pcap(dealt[0]), "two.pcapng": captures.pcapng(dealt[1], order=">", resolution=9),
             "three.pcap.gz": captures.packed("gz", captures.pcap(dealt[2], RAW, nano=True))}
    names = ["three.pcap.gz", "one.pcap", "two.pcapng"]
    return World(files).dump(names, recorder.records).stats(
        names, {"packets": len(packets), "messages": len(recorder.records), "malformed": 0})


def main():
    directory, seed = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "1"
    for name in WORLDS:
        made = build(name, seed)
        if made:
            made.write(directory / name)
            print(name, {n: len(o) for n, o in made.files.items()}, [len(run.get("lines", ())) for run in made.runs])


if __name__ == "__main__":
    main()
