"""What a right reader says of messages in the order of capture: dump lines and the figures of `stats`.

Where the design leaves two readings open, the truth is `{"any_of": [...]}`; `ANY` stands for any value at all,
`NO_DATA` for null or a key that is left out.
"""
import math

import reference
from primitives import Cursor, Malformed

ANY = {"any": True}
NO_DATA = {"no_data": True}
LEFT_OVER = "octets after the last message"


def any_of(*values):
    different = []
    for value in values:
        if value not in different:
            different.append(value)
    return different[0] if len(different) == 1 else {"any_of": different}


def serial(sequence, base):
    """The signed distance from `base` to `sequence`, RFC 1982."""
    return (sequence - base + (1 << 31)) % (1 << 32) - (1 << 31)


class Inspector:
    """Takes messages in the order of capture and keeps one record each."""

    def __init__(self, keys=()):
        self.keys, self.records, self.parts, self.limits = keys, [], {}, {}

    def limit(self, source, destination):
        return self.limits.get(frozenset((str(source), str(destination))), reference.DEFAULT_LIMIT)

    def datagram(self, time, source, destination, octets):
        for message, error, start, end in reference.decode_datagram(
                octets, self.keys, self.limit(source, destination)):
            self.record(time, source, destination, "udp", message, error, octets[start:end])

    def message(self, time, source, destination, octets):
        """One message of a TCP stream."""
        try:
            message, error = reference.decode(octets, keys=self.keys)[0], None
        except Malformed as refused:
            message, error = None, refused
        self.record(time, source, destination, "tcp", message, error, octets)

    def record(self, time, source, destination, transport, message, error, octets):
        record = {"number": len(self.records) + 1, "time": time, "source": str(source),
                  "destination": str(destination), "transport": transport, "message": message, "size": len(octets)}
        if message and "ENCRYPTED" in message["flags"]:
            record["sealed"] = reference.decode(octets)[0]["sealed"]
        if error:
            record["malformed"] = {"offset": error.offset, "reason": error.reason}
        elif "segment" in message:
            self.reassemble(record)
        elif message["type"] == "CONNECT_ACK" and message["payload"]:
            self.limits[frozenset((str(source), str(destination)))] = message["payload"]["config"]["max_message_size"]
        self.records.append(record)

    def reassemble(self, record):
        """Adds `reassembled` to the record whose segment was the last that lacked."""
        message = record["message"]
        stream = self.parts.setdefault((record["source"], record["destination"], message["stream_id"]), {})
        if message["sequence"] in stream:
            return
        stream[message["sequence"]] = message
        first = message["sequence"]
        while stream.get(first, {"data": {"segment_offset": 0}})["data"]["segment_offset"]:
            first = (first - 1) % (1 << 32)
        whole, count = b"", 0
        while True:
            part = stream.get((first + count) % (1 << 32))
            if part is None or part["data"]["segment_offset"] != len(whole):
                return
            whole += bytes.fromhex(part["segment"])
            count += 1
            if part["data"]["last_segment"]:
                break
        limit = self.limit(record["source"], record["destination"])
        try:
            plain = reference.decompress(part["data"]["compression"], whole, limit)
            payload = reference.read_payload(message, Cursor(plain))["payload"]
        except Malformed as error:
            record["malformed"] = {"offset": ANY, "reason": error.reason}
            return
        record["reassembled"] = {"segments": count, "size": any_of(len(whole), len(plain)), "payload": payload}


def dump_lines(records):
    """The records as `dump --format json` prints them, as far as the design names the keys."""
    lines = []
    for record in records:
        line = {key: value for key, value in record.items() if key not in ("size", "sealed")}
        line["time"] = record["time"] / 1e9
        if "malformed" in record and record["message"] is None and record["malformed"]["reason"] != LEFT_OVER:
            line["message"] = ANY
        lines.append(line)
    return lines


def jitter(arrivals):
    """RFC 3550 6.4.1 in ms over (capture time in ns, header timestamp in microseconds), None without a pair."""
    value = 0.0
    for (before, sent_before), (now, sent) in zip(arrivals, arrivals[1:]):
        difference = abs((now - before) / 1e6 - (sent - sent_before) / 1e3)
        value += (difference - value) / 16
    return value if len(arrivals) > 1 else None


def stream_figures(key, records):
    base = records[0]["message"]["sequence"]
    seen, highest, figures = set(), None, dict(duplicates=0, repeated=0, reordered=0, marked=0)
    firsts = []
    for record in records:
        message = record["message"]
        marked = "RETRANSMIT" in message["flags"]
        figures["marked"] += marked
        place = serial(message["sequence"], base)
        if place in seen:
            figures["repeated" if marked else "duplicates"] += 1
            continue
        figures["reordered"] += highest is not None and place < highest
        highest = place if highest is None else max(highest, place)
        seen.add(place)
        firsts.append(record)

    def of(some):
        return jitter([(r["time"], r["message"]["timestamp"]) for r in some])
    unmarked = [r for r in records if "RETRANSMIT" not in r["message"]["flags"]]
    source, destination, stream_id = key
    return {"source": source, "destination": destination, "stream_id": stream_id, "messages": len(records),
            "bytes": sum(r["size"] for r in records), "lost": max(seen) - min(seen) + 1 - len(seen),
            "duplicates": figures["duplicates"], "reordered": figures["reordered"],
            "retransmits": any_of(figures["repeated"], figures["marked"]),
            "jitter_ms": any_of(of(records), of(firsts), of(unmarked)) if len(firsts) > 1 else NO_DATA}


def round_trips(records):
    """Samples in ms by pair of endpoints: PONG - PING - hold_time, none for a ping_id that was repeated."""
    asked, samples = {}, {}
    for record in records:
        message = record["message"]
        if message["type"] not in ("PING", "PONG") or not message.get("payload"):
            continue
        ping = message["payload"]["ping_id"]
        if message["type"] == "PING":
            key = (record["source"], record["destination"], ping)
            asked[key] = None if key in asked else record["time"]
        else:
            sent = asked.get((record["destination"], record["source"], ping))
            if sent is not None:
                pair = tuple(sorted((record["source"], record["destination"])))
                held = message["payload"]["hold_time"] / 1e3
                samples.setdefault(pair, []).append((record["time"] - sent) / 1e6 - held)
                asked[(record["destination"], record["source"], ping)] = None
    return samples


def round_trip_figures(samples):
    smoothed = samples[0]
    for sample in samples[1:]:
        smoothed = 7 / 8 * smoothed + sample / 8
    ranked = sorted(samples)

    def percentile(p):
        return ranked[math.ceil(p * len(ranked)) - 1]
    return {"smoothed": smoothed, "p50": percentile(0.5), "p99": percentile(0.99)}


class Space:
    """Entities and the state of one space as its messages tell them."""

    def __init__(self):
        self.name, self.version, self.state, self.removed = None, 0, {}, set()
        self.updates, self.repeated, self.positions = {}, {}, {}

    def update(self, entity, position, repeated):
        self.repeated[entity] = self.repeated.get(entity, 0) + 1
        if not repeated:
            self.updates[entity] = self.updates.get(entity, 0) + 1
            self.positions[entity] = position

    def sync(self, sync):
        if sync["delta"]:
            if sync["version"] != self.version + 1:
                return
        elif sync["version"] < self.version:
            return
        else:
            self.state = {}
        self.version = sync["version"]
        for entry in sync["entries"]:
            entity = entry["entity_id"]
            if entry["change"] == "REMOVED":
                self.state.pop(entity, None)
                self.removed.add(entity)
                continue
            self.apply(entity, entry["fields"], entry["change"] == "ADDED")

    def apply(self, entity, fields, fresh=False):
        self.removed.discard(entity)
        known = {} if fresh else self.state.get(entity, {})
        self.state[entity] = {**known, **{f["key"]: f["value"].get("value") for f in fields}}

    def resolve(self, payload):
        if payload["version"] == self.version + 1:
            self.version = payload["version"]
            self.apply(payload["entity_id"], payload["resolved"])


def space_figures(records):
    spaces, seen = {}, set()
    for record in records:
        message = record["message"]
        key = (record["source"], record["destination"], message["stream_id"], message["sequence"])
        repeated = key in seen
        seen.add(key)
        payload = record.get("reassembled", message).get("payload")
        if not payload:
            continue
        kind = message["type"]
        if kind == "CONNECT_ACK":
            for info in payload["spaces"]:
                spaces.setdefault(info["space_id"], Space()).name = info["name"]
        elif kind == "SPATIAL_UPDATE":
            space = spaces.setdefault(message["spatial_address"]["space_id"], Space())
            for update in payload["updates"]:
                space.update(update["entity_id"], update["position"], repeated)
        elif not repeated or "reassembled" in record:
            sync = payload.get("sync") if kind in ("DELTA_UPDATE", "STATE_RESPONSE") else payload
            if kind in ("STATE_SYNC", "DELTA_UPDATE", "STATE_RESPONSE") and sync:
                spaces.setdefault(sync["space_id"], Space()).sync(sync)
            elif kind == "CONFLICT_RESOLVE":
                spaces.setdefault(payload["space_id"], Space()).resolve(payload)
    listed, entities = [], []
    for space_id, space in spaces.items():
        present = set(space.updates) | set(space.state)
        one = {"space_id": space_id, "state_version": space.version,
               "entities": any_of(len(present - space.removed), len(present), len(present | space.removed))}
        if space.name is not None:
            one["name"] = space.name
        listed.append(one)
        for entity in sorted(present - space.removed):
            line = {"entity_id": entity, "space_id": space_id}
            if entity in space.updates:
                line["updates"] = any_of(space.updates[entity], space.repeated[entity])
                line["position"] = space.positions[entity]
            if entity in space.state:
                line["state"] = space.state[entity]
            entities.append(line)
    return listed, entities


def stats(records, packets, sessions=None):
    """What `stats --format json` must say of the records."""
    good = [r for r in records if "malformed" not in r]
    by_stream = {}
    for record in good:
        key = record["source"], record["destination"], record["message"]["stream_id"]
        by_stream.setdefault(key, []).append(record)
    spaces, entities = space_figures(good)
    figures = {
        "packets": packets, "messages": len(records), "malformed": len(records) - len(good),
        "reassembled": sum("reassembled" in r for r in records),
        "undecrypted": sum("sealed" in r["message"] for r in good),
        "streams": [stream_figures(key, some) for key, some in by_stream.items()],
        "spaces": spaces, "entities": entities,
        "round_trips": {" ".join(pair): round_trip_figures(s) for pair, s in round_trips(good).items()}}
    if sessions is not None:
        figures["sessions"] = sessions
    return figures
