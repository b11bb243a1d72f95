"""The structures and payloads of the wire profile (sections 3 to 5 and 7) as declarations."""
from primitives import (BOOL, BYTES, F32, F64, I64, QUATERNION, REST, STRING, SYNC_MODE, U8, U16, U32, U64, UUID,
                        VECTOR3, VECTOR3F, VERSION, Code, Enum, Float, List, Malformed, Option, Parameters, Struct,
                        Union)

TYPES = {
    0x00: "CONNECT", 0x01: "CONNECT_ACK", 0x02: "DISCONNECT", 0x03: "PING", 0x04: "PONG",
    0x10: "SPATIAL_UPDATE", 0x11: "SPATIAL_QUERY", 0x12: "SPATIAL_RESPONSE", 0x13: "BOUND_UPDATE",
    0x14: "REGION_SUBSCRIBE", 0x20: "STATE_SYNC", 0x21: "STATE_REQUEST", 0x22: "STATE_RESPONSE",
    0x23: "DELTA_UPDATE", 0x24: "CONFLICT_RESOLVE", 0x30: "PEER_DISCOVER", 0x31: "PEER_ANNOUNCE",
    0x32: "PEER_LEAVE", 0x33: "RELAY_REQUEST", 0x34: "RELAY_RESPONSE", 0x40: "AUTH_REQUEST",
    0x41: "AUTH_RESPONSE", 0x42: "KEY_EXCHANGE", 0x43: "CHALLENGE", 0x44: "CHALLENGE_RESPONSE",
    0xF0: "EXTENSION", 0xFF: "CUSTOM"}

ERROR_CODE = Code({
    0x00: "SUCCESS", 0x01: "UNKNOWN_ERROR", 0x02: "INVALID_MESSAGE", 0x03: "PROTOCOL_ERROR", 0x04: "VERSION_MISMATCH",
    0x10: "INVALID_COORDINATES", 0x11: "OUT_OF_BOUNDS", 0x12: "PRECISION_ERROR", 0x13: "SPATIAL_CONFLICT",
    0x14: "QUERY_TIMEOUT", 0x20: "STATE_CONFLICT", 0x21: "INVALID_STATE", 0x22: "SYNC_FAILED", 0x23: "DELTA_ERROR",
    0x24: "VERSION_CONFLICT", 0x30: "CONNECTION_FAILED", 0x31: "PEER_UNREACHABLE", 0x32: "BANDWIDTH_EXCEEDED",
    0x33: "TIMEOUT", 0x34: "RELAY_FAILED", 0x40: "AUTH_FAILED", 0x41: "UNAUTHORIZED", 0x42: "ENCRYPTION_ERROR",
    0x43: "INVALID_SIGNATURE", 0x44: "TOKEN_EXPIRED", 0x50: "OUT_OF_MEMORY", 0x51: "CPU_EXCEEDED",
    0x52: "STORAGE_FULL", 0x53: "RATE_LIMITED", 0xF0: "EXTENSION_ERROR", 0xFF: "CUSTOM_ERROR"})
ERROR_CATEGORY = Code({
    0: "NONE", 1: "INVALID_MESSAGE", 2: "SPATIAL_ERROR", 3: "STREAM_ERROR", 4: "SECURITY_ERROR", 5: "RESOURCE_ERROR",
    6: "EXTENSION_ERROR"})

PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
COMPRESSIONS = ("NONE", "LZ4", "ZSTD")
PRIORITY, COMPRESSION = Enum(*PRIORITIES), Enum(*COMPRESSIONS)

COORD_SYSTEM = Parameters(
    ("CARTESIAN", Struct(origin=VECTOR3, scale=F32)), ("GEODETIC", Struct(datum=STRING, precision=F32)),
    ("RELATIVE", Struct(reference=UUID, offset=VECTOR3)), ("CUSTOM", Struct(type_id=U16, parameters=BYTES)),
    empty=("CARTESIAN", "GEODETIC"))
CONNECTION_CONFIG = Struct(
    version=U8, capabilities=U32, max_message_size=U32, compression=COMPRESSION,
    security_level=Enum("NONE", "SIGN", "ENCRYPT"))
FLOW_CONTROL = Struct(window_size=U32, rate_limit=U32, congestion_threshold=Float("f", 0, 1, "congestion_threshold"))
QUALITY_OF_SERVICE = Struct(reliable=BOOL, ordered=BOOL, priority=PRIORITY, flow=FLOW_CONTROL)
ACCESS_CONTROL = Struct(mode=Enum("OPEN", "TOKEN", "LIST"), members=List(UUID))
FRUSTUM = Struct(apex=VECTOR3, orientation=QUATERNION, fov_y=F32, aspect=F32, near=F32, far=F32)
BOX = Struct(min=VECTOR3, max=VECTOR3)
SPHERE = Struct(center=VECTOR3, radius=F64)
BOUNDING_VOLUME = Union(("BOX", BOX), ("SPHERE", SPHERE), ("FRUSTUM", FRUSTUM))
EXTENSION_OFFER = Struct(extension_id=U16, version=VERSION)
SPACE_INFO = Struct(space_id=UUID, name=STRING, coordinate_system=COORD_SYSTEM, bounds=Option(BOUNDING_VOLUME),
                    state_version=U64)
MULTICAST_GROUP = Struct(group_id=UUID, spatial_bounds=BOUNDING_VOLUME, ttl=U8, qos=QUALITY_OF_SERVICE,
                         access_control=ACCESS_CONTROL, endpoint=STRING)
PEER_ROLE = Enum("PARTICIPANT", "OBSERVER", "RELAY", "SERVER")
PEER_CONFIG = Struct(
    peer_id=UUID,
    capabilities=Struct(spatial_range=F32, max_connections=U16, bandwidth=U32, roles=List(PEER_ROLE)),
    discovery_mode=Parameters(
        ("BROADCAST", None), ("DHT", Struct(bootstrap=List(STRING))), ("RENDEZVOUS", Struct(servers=List(STRING))),
        ("MANUAL", Struct(peers=List(STRING)))),
    relay_config=Option(Struct(relay_id=UUID, endpoint=STRING, ttl=U8)))
AUTH_REQUEST = Struct(method=Enum("NONE", "TOKEN", "CERTIFICATE", "CUSTOM"), credentials=BYTES, timestamp=U64,
                      signature=Option(BYTES))
VALUE_CASES = (
    ("NULL", None), ("BOOL", BOOL), ("INT", I64), ("FLOAT", F64), ("STRING", STRING), ("BYTES", BYTES),
    ("VECTOR3", VECTOR3), ("QUATERNION", QUATERNION), ("UUID", UUID), ("TIMESTAMP", U64))
FIELD = Struct(key=STRING, value=Union(*VALUE_CASES))
STATE_SYNC = Struct(
    space_id=UUID, version=U64, timestamp=U64, delta=BOOL,
    entries=List(Struct(change=Enum("ADDED", "MODIFIED", "REMOVED"), entity_id=UUID, entity_version=U64,
                        fields=List(FIELD))))
CONFLICT_STRATEGY = Enum("LAST_WRITE_WINS", "MERGE", "CUSTOM")

ADDRESS = Struct(space_id=UUID, coordinate_system=COORD_SYSTEM, position=VECTOR3, orientation=Option(QUATERNION),
                 precision=Float("f", 0, None, "precision"), confidence=Float("f", 0, 1, "confidence"),
                 timestamp=U64, reference_frame=Option(UUID))
ROUTING = Parameters(("FLOOD", None), ("SPATIAL", BOUNDING_VOLUME), ("SELECTIVE", List(UUID)),
                     ("GRADIENT", Struct(origin=VECTOR3, falloff=F32)), left_over="routing")
MULTICAST = Struct(group_id=UUID, routing=ROUTING)
SEGMENT_INFO = Struct(compression=COMPRESSION, total_size=U32, segment_offset=U32, segment_size=U16,
                      last_segment=BOOL)


class ExtensionHeader(Struct):
    """An extension header, whose length is two octets and no `varint`."""

    def __init__(self):
        super().__init__(extension_id=U16, version=U8, flags=U8)
        self.least = 6

    def write(self, out, value):
        super().write(out, value)
        data = bytes.fromhex(value["data"])
        U16.write(out, len(data))
        out.add(data)

    def read(self, c):
        value = super().read(c)
        value["data"] = bytes(c.take(U16.read(c))).hex()
        return value

    def random(self, r):
        return {**super().random(r), "data": BYTES.random(r)}


EXTENSION_HEADER = ExtensionHeader()


class DeltaUpdate(Struct):
    """`base_version` and a StateSync that must be a delta."""

    def __init__(self):
        super().__init__(base_version=U64, sync=STATE_SYNC)

    def read(self, c):
        at = c.pos
        value = super().read(c)
        if not value["sync"]["delta"]:
            c.fail("DELTA_UPDATE with delta = 0", at + 8 + 16 + 8 + 8)
        return value

    def random(self, r):
        value = super().random(r)
        value["sync"]["delta"] = True
        return value


ENTITY_UPDATE = Struct(entity_id=UUID, kind=U16, position=VECTOR3, orientation=Option(QUATERNION),
                       velocity=Option(VECTOR3F))
SPATIAL_RESPONSE = Struct(query_id=U32, code=ERROR_CODE, truncated=BOOL,
                          results=List(Struct(entity_id=UUID, kind=U16, position=VECTOR3, distance=F32)))

PAYLOADS = {
    "CONNECT": Struct(config=CONNECTION_CONFIG, client_id=UUID, role=PEER_ROLE, name=STRING, spaces=List(UUID),
                      extensions=List(EXTENSION_OFFER), auth=Option(AUTH_REQUEST)),
    "CONNECT_ACK": Struct(code=ERROR_CODE, session_id=UUID, server_id=UUID, config=CONNECTION_CONFIG,
                          flow=FLOW_CONTROL, spaces=List(SPACE_INFO), groups=List(MULTICAST_GROUP),
                          extensions=List(EXTENSION_OFFER), reason=STRING),
    "DISCONNECT": Struct(category=ERROR_CATEGORY, code=ERROR_CODE, reason=STRING),
    "PING": Struct(ping_id=U32, streams=List(Struct(stream_id=U32, next_sequence=U32))),
    "PONG": Struct(ping_id=U32, ping_timestamp=U64, hold_time=U32, flow=FLOW_CONTROL, acks=List(
        Struct(stream_id=U32, cumulative=U32, missing=List(Struct(first=U32, count=U32))))),
    "SPATIAL_UPDATE": Struct(updates=List(ENTITY_UPDATE, most=8)),
    "SPATIAL_QUERY": Struct(query_id=U32, _query=Parameters(
        ("POINT", Struct(point=VECTOR3, tolerance=F64)), ("RADIUS", SPHERE), ("BOUNDS", BOX), ("FRUSTUM", FRUSTUM)),
        max_results=U16, timeout=U16),
    "SPATIAL_RESPONSE": SPATIAL_RESPONSE,
    "BOUND_UPDATE": Struct(region_id=UUID, entity_id=Option(UUID), bounds=BOUNDING_VOLUME),
    "REGION_SUBSCRIBE": Struct(subscription_id=U32, bounds=BOUNDING_VOLUME, update_frequency=U32, priority=PRIORITY),
    "STATE_SYNC": STATE_SYNC,
    "STATE_REQUEST": Struct(request_id=U32, space_id=UUID, known_version=U64, mode=SYNC_MODE),
    "STATE_RESPONSE": Struct(request_id=U32, code=ERROR_CODE, sync=Option(STATE_SYNC)),
    "DELTA_UPDATE": DeltaUpdate(),
    "CONFLICT_RESOLVE": Struct(
        space_id=UUID, entity_id=UUID, version=U64, strategy=CONFLICT_STRATEGY,
        candidates=List(Struct(node_id=UUID, entity_version=U64, timestamp=U64, fields=List(FIELD))),
        resolved=List(FIELD)),
    "PEER_DISCOVER": PEER_CONFIG,
    "PEER_ANNOUNCE": Struct(peer=PEER_CONFIG, endpoints=List(STRING), groups=List(MULTICAST_GROUP)),
    "PEER_LEAVE": Struct(peer_id=UUID, code=ERROR_CODE, reason=STRING),
    "RELAY_REQUEST": Struct(request_id=U32, source=UUID, target=UUID, ttl=U8, payload=BYTES),
    "RELAY_RESPONSE": Struct(request_id=U32, code=ERROR_CODE, relay_id=UUID, hops=U8),
    "AUTH_REQUEST": AUTH_REQUEST,
    "AUTH_RESPONSE": Struct(code=ERROR_CODE, token=BYTES, expires=U64, reason=STRING),
    "KEY_EXCHANGE": Struct(epoch=U16, scheme=Enum("X25519"), cipher_suites=List(U8), public_key=BYTES,
                           signature=Option(BYTES)),
    "CHALLENGE": Struct(challenge_id=U32, nonce=BYTES),
    "CHALLENGE_RESPONSE": Struct(challenge_id=U32, proof=BYTES),
    "EXTENSION": EXTENSION_HEADER,
    "CUSTOM": Struct(custom_type=U16, data=REST),
}

# Section 7. The data of the extensions that the profile names, each a codec over the whole of `data`.
EXTENDED_QUERY = Union(
    ("NEAREST", Struct(point=VECTOR3, max_distance=F64)), ("RADIUS", SPHERE), ("BOUNDARY", BOUNDING_VOLUME),
    ("VISIBILITY", FRUSTUM), ("CUSTOM", Struct(custom_type=U16, parameters=BYTES)))
SCHEMA = Struct(fields=List(Struct(name=STRING, type=U8)))
EXTENSIONS = {
    0x0001: Union(("QUERY", Struct(query_id=U32, query=EXTENDED_QUERY, max_results=U32, kinds=List(U16))),
                  ("RESULT", SPATIAL_RESPONSE)),
    0x0002: Union(("CAPABILITIES", Struct(sync_modes=List(SYNC_MODE), delta_compression=BOOL,
                                          conflict_resolution=CONFLICT_STRATEGY))),
    0x8001: Struct(id=U16, name=STRING, type=Enum("PROTOCOL", "SPATIAL", "SECURITY", "TRANSPORT", "APPLICATION"),
                   version=VERSION, status=Enum("EXPERIMENTAL", "BETA", "STABLE", "DEPRECATED", "REMOVED"),
                   dependencies=List(EXTENSION_OFFER), schema=Option(SCHEMA)),
    0x8002: Struct(session_id=UUID, direction=Enum("TO_SERVER", "FROM_SERVER"), seen=U64),
}
TRACE_CONTEXT = 0x8003


def schema_codec(schema):
    """The codec of data that follows a schema seen in a manifest."""
    numbers = dict(enumerate(VALUE_CASES))
    for field in schema["fields"]:
        if not 1 <= field["type"] <= 9:
            raise Malformed(0, "schema")
    return Struct(**{field["name"]: numbers[field["type"]][1] for field in schema["fields"]})
