"""Conversations between clients and a server with known loss, repeats, delays, positions and state."""
import uuid

import reference
from primitives import single
from traffic import MILLISECOND, SECOND, marked_again

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    X25519PrivateKey = None

CAPABILITIES = 0x7FFF
CLIENT, SERVER = "client", "server"


def new_uuid(r):
    return str(uuid.UUID(int=r.getrandbits(128), version=4))


def near_wrap(r):
    """A first sequence, often just before 2^32."""
    return r.choice((0, r.getrandbits(32), (1 << 32) - r.randint(1, 40)))


class Conversation:
    """One session: `send` makes a message of either side and hands it to the recorder with its fate.

    The capture is at the server: what a client sends arrives after a delay or never, what the server sends is seen
    as it leaves.
    """

    def __init__(self, r, recorder, client, server, *, connection=None, security="NONE", suite=1):
        self.r, self.recorder, self.client, self.server = r, recorder, client, server
        self.connection, self.security, self.suite = connection, security, suite
        self.session_id, self.client_id, self.server_id = new_uuid(r), new_uuid(r), new_uuid(r)
        self.next, self.keys, self.epoch, self.key_log = {}, {}, -1, ""
        self.payloads, self.injected = {}, {}
        self.skew = {CLIENT: r.randint(-3_000_000, 3_000_000), SERVER: r.randint(-1000, 1000)}
        self.compression = "NONE"

    def ends(self, direction):
        return (self.client, self.server) if direction == CLIENT else (self.server, self.client)

    def build(self, direction, stream, kind, payload, time, flags=(), **parts):
        """The octets of the direction's next message on the stream."""
        key = direction, stream
        sequence = self.next.setdefault(key, near_wrap(self.r))
        self.next[key] = (sequence + 1) % (1 << 32)
        names = set(flags) | ({"CHECKSUM"} if self.r.random() < 0.8 else set())
        if self.keys:
            names.add("ENCRYPTED" if self.security == "ENCRYPT" else "SIGNED")
        message = {"type": kind, "flags": [f for f in reference.FLAGS if f in names],
                   "priority": self.r.choice(reference.PRIORITIES), "stream_id": stream, "sequence": sequence,
                   "timestamp": time // 1000 + self.skew[direction], "payload": payload, **parts}
        return reference.encode(message, keys=self.keys.get(direction))

    def deliver(self, direction, octets, time):
        source, destination = self.ends(direction)
        if self.connection:
            self.recorder.tcp(time, self.connection, 0 if direction == CLIENT else 1, octets)
        else:
            mtu = 576 if len(octets) > 1400 else None
            self.recorder.udp(time, source, destination, octets, mtu=mtu, identification=self.r.getrandbits(16))

    def send(self, direction, stream, kind, payload, time, flags=(), fate="ok", **parts):
        octets = self.build(direction, stream, kind, payload, time, flags, **parts)
        delay = 0
        if direction == CLIENT and stream:
            delay = 5 * MILLISECOND + int(self.r.expovariate(1 / (2 * MILLISECOND)))
        counts = self.injected.setdefault((direction, stream), dict(lost=0, duplicates=0, retransmits=0))
        arrival = time + delay + (80 * MILLISECOND if fate == "late" else 0)
        if fate not in ("lost", "only again"):
            self.deliver(direction, octets, arrival)
        if fate == "twice":
            self.deliver(direction, octets, arrival + 2 * MILLISECOND)
            counts["duplicates"] += 1
        if fate in ("again", "only again"):
            self.deliver(direction, marked_again(octets), arrival + 300 * MILLISECOND)
            counts["retransmits"] += 1
        counts["lost"] += fate == "lost"
        return octets

    def config(self):
        return {"version": 1, "capabilities": CAPABILITIES, "max_message_size": 4 << 20,
                "compression": self.compression, "security_level": self.security}

    def connect(self, time, spaces, challenge=False):
        hello = {"config": self.config(), "client_id": self.client_id, "role": "PARTICIPANT", "name": "reference",
                 "spaces": [], "extensions": [{"extension_id": 1, "version": [1, 0, 0]}], "auth": None}
        if challenge:
            self.send(CLIENT, 0, "CONNECT", hello, time)
            nonce = self.r.randbytes(32).hex()
            self.send(SERVER, 0, "CHALLENGE", {"challenge_id": 1, "nonce": nonce}, time + MILLISECOND)
            time += 2 * MILLISECOND
            answer = self.build(CLIENT, 0, "CHALLENGE_RESPONSE", {"challenge_id": 1, "proof": nonce}, time)
            self.deliver(CLIENT, answer + self.build(CLIENT, 0, "CONNECT", hello, time), time)
        else:
            self.send(CLIENT, 0, "CONNECT", hello, time)
        infos = [{"space_id": s, "name": name, "coordinate_system": {"type": "CARTESIAN", "parameters": None},
                  "bounds": None, "state_version": version} for s, name, version in spaces]
        ack = {"code": "SUCCESS", "session_id": self.session_id, "server_id": self.server_id, "config": self.config(),
               "flow": {"window_size": 65536, "rate_limit": 0, "congestion_threshold": 0.0625}, "spaces": infos,
               "groups": [], "extensions": [], "reason": ""}
        self.send(SERVER, 0, "CONNECT_ACK", ack, time + 2 * MILLISECOND)
        self.payloads = {kind: reference.encode_payload({"type": kind, "payload": payload})
                         for kind, payload in (("CONNECT", hello), ("CONNECT_ACK", ack))}
        if self.security != "NONE":
            self.exchange(time + 4 * MILLISECOND)

    def exchange(self, time):
        """Both sides' KEY_EXCHANGE for the next epoch; later messages are protected with its keys."""
        self.epoch += 1
        private = {d: X25519PrivateKey.from_private_bytes(self.r.randbytes(32)) for d in (CLIENT, SERVER)}
        public = {d: k.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) for d, k in private.items()}
        shared = private[CLIENT].exchange(private[SERVER].public_key())
        secret = reference.session_secret(shared, self.session_id, self.epoch, self.payloads["CONNECT"],
                                          self.payloads["CONNECT_ACK"])
        identity = Ed25519PrivateKey.from_private_bytes(self.r.randbytes(32))
        signed = (uuid.UUID(self.session_id).bytes + self.epoch.to_bytes(2, "big") + public[SERVER] +
                  reference.hashlib.sha256(self.payloads["CONNECT"] + self.payloads["CONNECT_ACK"]).digest())
        answer = identity.sign(signed).hex()
        for direction, suites, signature in ((CLIENT, [1, 2], None), (SERVER, [self.suite], answer)):
            payload = {"epoch": self.epoch, "scheme": "X25519", "cipher_suites": suites,
                       "public_key": public[direction].hex(), "signature": signature}
            self.send(direction, 0, "KEY_EXCHANGE", payload, time)
            time += MILLISECOND
        self.keys = {d: reference.Keys(secret, d, self.suite) for d in (CLIENT, SERVER)}
        self.key_log += reference.key_log_line(self.session_id, self.epoch, self.suite, secret)
        self.recorder.inspector.keys = list(self.recorder.inspector.keys) + list(self.keys.values())

    def ping(self, time, number, again=False, hold=184):
        ping = {"ping_id": number, "streams": [{"stream_id": 1, "next_sequence": self.next.get((CLIENT, 1), 0)}]}
        self.send(CLIENT, 0, "PING", ping, time)
        if again:
            self.send(CLIENT, 0, "PING", ping, time + 2 * MILLISECOND)
        trip = int((4 + self.r.random() * 6) * MILLISECOND)
        pong = {"ping_id": number, "ping_timestamp": time // 1000 + self.skew[CLIENT], "hold_time": hold,
                "flow": {"window_size": 65536, "rate_limit": 0, "congestion_threshold": 0.0625}, "acks": []}
        self.send(SERVER, 0, "PONG", pong, time + trip + hold * 1000)

    def goodbye(self, time):
        self.send(CLIENT, 0, "DISCONNECT", {"category": "NONE", "code": "SUCCESS", "reason": "done"}, time)

    def described(self):
        return {"session_id": self.session_id, "client": str(self.client), "server": str(self.server),
                "transport": "tcp" if self.connection else "udp", "security": self.security}


def cartesian(space, position, time, **more):
    return {"version": 1, "space_id": space, "coordinate_system": {"type": "CARTESIAN", "parameters": None},
            "position": position, "orientation": None, "precision": single(0.01), "confidence": single(0.98),
            "timestamp": time // MILLISECOND, "reference_frame": None, **more}


def value_field(key, tag, value):
    return {"key": key, "value": {"tag": tag, "value": value}}


class Replica:
    """The server's state of one space, and the messages that carry it to a conversation's client."""

    def __init__(self, r, space, entities):
        self.r, self.space, self.version, self.entity_versions = r, space, 0, {}
        self.entities, self.kept = {e: {} for e in entities}, frozenset(entities)

    def fields(self, most=6):
        r = self.r
        every = [value_field("score", "INT", r.randint(-1000, 1000)),
                 value_field("label", "STRING", f"Zoë {r.random()}"),
                 value_field("charge", "FLOAT", r.random()), value_field("armed", "BOOL", r.random() < 0.5),
                 value_field("home", "VECTOR3", [r.uniform(-9, 9) for _ in range(3)]),
                 value_field("blob", "BYTES", r.randbytes(5).hex()), value_field("owner", "UUID", new_uuid(r))]
        return r.sample(every, r.randint(1, most))

    def entry(self, entity, change, fields):
        self.entity_versions[entity] = self.entity_versions.get(entity, 0) + 1
        if change == "REMOVED":
            del self.entities[entity]
        else:
            self.entities[entity] = {**(self.entities.get(entity) or {}), **{f["key"]: f for f in fields}}
        return {"change": change, "entity_id": entity, "entity_version": self.entity_versions[entity], "fields": fields}

    def full(self, time):
        self.version = self.version or 1
        entries = [{"change": "ADDED", "entity_id": e, "entity_version": self.entity_versions.get(e, 1),
                    "fields": list(fields.values())} for e, fields in self.entities.items()]
        return {"space_id": self.space, "version": self.version, "timestamp": time // MILLISECOND, "delta": False,
                "entries": entries}

    def delta(self, time, change="MODIFIED", entity=None):
        self.version += 1
        entity = entity or self.r.choice(sorted(self.entities))
        fields = [] if change == "REMOVED" else self.fields()
        return {"base_version": self.version - 1, "sync": {
            "space_id": self.space, "version": self.version, "timestamp": time // MILLISECOND, "delta": True,
            "entries": [self.entry(entity, change, fields)]}}

    def conflict(self, time):
        self.version += 1
        entity = self.r.choice(sorted(self.entities))
        resolved = {**self.entities[entity], **{f["key"]: f for f in self.fields(2)}}
        self.entities[entity] = resolved
        candidates = [{"node_id": new_uuid(self.r), "entity_version": 7, "timestamp": time // MILLISECOND + n,
                       "fields": self.fields(3)} for n in range(2)]
        return {"space_id": self.space, "entity_id": entity, "version": self.version, "strategy": "MERGE",
                "candidates": candidates, "resolved": list(resolved.values())}

    def shown(self):
        """The state of each entity as `stats` shows it."""
        return {e: {k: f["value"]["value"] for k, f in fields.items()} for e, fields in self.entities.items()}


FATES = ("lost", "twice", "late", "again", "only again")


def play(r, talk, start, *, space, replica, entities, seconds=5, rough=False, challenge=False, epochs=1):
    """A whole session: connect, updates at 20 Hz, state at 2 Hz, pings, goodbye. Returns the entities' last places."""
    talk.connect(start, [(space, "plaza", 1)], challenge)
    time, end, places = start + 100 * MILLISECOND, start + seconds * SECOND, {}
    talk.send(SERVER, 2, "STATE_SYNC", replica.full(time), time)
    switches = [start + seconds * SECOND * n // epochs for n in range(1, epochs)]
    step = 0
    while time < end:
        calm = end - time < SECOND or step < 5
        if switches and time > switches[0]:
            switches.pop(0)
            talk.exchange(time)
            time += 30 * MILLISECOND
        updates = []
        for entity in entities:
            places[entity] = [r.uniform(-50, 50) for _ in range(3)]
            updates.append({"entity_id": entity, "kind": 2, "position": places[entity], "orientation": None,
                            "velocity": [1.5, 0.0, -0.25] if r.random() < 0.5 else None})
        fate = r.choice(FATES) if rough and not calm and r.random() < 0.25 else "ok"
        talk.send(CLIENT, 1, "SPATIAL_UPDATE", {"updates": updates}, time, ("ADDRESS",), fate,
                  spatial_address=cartesian(space, [0.0, 0.0, 0.0], time))
        if step % 10 == 4:
            state_step(r, talk, replica, time + 10 * MILLISECOND, rough and not calm, step)
        if step % 10 == 7:
            talk.ping(time + 20 * MILLISECOND, step, again=step % 30 == 27, hold=r.randint(0, 900))
        time += 50 * MILLISECOND
        step += 1
    talk.goodbye(end + 500 * MILLISECOND)
    return places


def state_step(r, talk, replica, time, rough, step):
    """One state change: mostly a delta; now and then an addition, a removal, a conflict, or a loss made good."""
    which = step // 10 % 6
    if which == 1:
        talk.send(SERVER, 2, "DELTA_UPDATE", replica.delta(time, "ADDED", new_uuid(r)), time, ("RELIABLE",))
    elif which == 2:
        talk.send(SERVER, 2, "CONFLICT_RESOLVE", replica.conflict(time), time, ("RELIABLE",))
    elif which == 3 and rough:
        talk.send(SERVER, 2, "DELTA_UPDATE", replica.delta(time), time, ("RELIABLE",), "lost")
        talk.send(CLIENT, 2, "STATE_REQUEST", {"request_id": step, "space_id": replica.space,
                                               "known_version": replica.version - 1, "mode": "FULL"},
                  time + 50 * MILLISECOND)
        talk.send(SERVER, 2, "STATE_RESPONSE", {"request_id": step, "code": "SUCCESS", "sync": replica.full(time)},
                  time + 70 * MILLISECOND)
    elif which == 4:
        added = sorted(set(replica.entities) - set(replica.kept))
        if added:
            talk.send(SERVER, 2, "DELTA_UPDATE", replica.delta(time, "REMOVED", added[0]), time, ("RELIABLE",))
    else:
        fate = r.choice(("ok", "twice", "again", "only again")) if rough else "ok"
        talk.send(SERVER, 2, "DELTA_UPDATE", replica.delta(time), time, ("RELIABLE", "ORDERED"), fate)
