"""Codecs of the wire profile: one declaration gives the encoder, the strict decoder and a random value.

Every codec has `write(out, value)`, `read(cursor)`, `random(r)` and `least`, the fewest octets a value takes.
Values are plain JSON values: what `read` returns is what the test vectors show.
"""
import math
import struct
import uuid as uuidlib


class Malformed(Exception):
    """Octets that break the profile; `offset` counts from the first octet of the message."""

    def __init__(self, offset, reason, detail=""):
        super().__init__(f"{reason} at {offset} {detail}".strip())
        self.offset, self.reason, self.detail = offset, reason, detail


class Cursor:
    """Reads forward in `data[pos:end]`; offsets are reported from `origin`."""

    def __init__(self, data, pos=0, end=None, origin=0):
        self.data, self.pos, self.end, self.origin = data, pos, len(data) if end is None else end, origin

    @property
    def left(self):
        return self.end - self.pos

    def fail(self, reason, at=None, detail=""):
        raise Malformed((self.pos if at is None else at) - self.origin, reason, detail)

    def take(self, count):
        if count > self.left:
            self.fail("truncated")
        self.pos += count
        return self.data[self.pos - count:self.pos]

    def varint(self):
        if self.left < 1:
            self.fail("truncated")
        size = 1 << (self.data[self.pos] >> 6)
        octets = self.take(size)
        return int.from_bytes(octets, "big") & ((1 << (8 * size - 2)) - 1)

    def inner(self):
        """A cursor over the octets that a `bytes` holds."""
        at = self.pos
        length = self.varint()
        if length > self.left:
            self.fail("truncated", at)
        start = self.pos
        self.pos += length
        return Cursor(self.data, start, self.pos, self.origin)

    def finish(self, reason):
        if self.left:
            self.fail(reason)


class Out:
    """Collects octets. With `r`, some varints are written longer than they need be, which readers must accept."""

    def __init__(self, r=None):
        self.octets, self.r = bytearray(), r

    def add(self, octets):
        self.octets += octets

    def varint(self, value):
        form = next(i for i, limit in enumerate((1 << 6, 1 << 14, 1 << 30, 1 << 62)) if value < limit)
        if self.r is not None and self.r.random() < 0.1:
            form = self.r.randint(form, 3)
        size = 1 << form
        self.octets += (value | form << (8 * size - 2)).to_bytes(size, "big")

    def block(self, octets):
        self.varint(len(octets))
        self.add(octets)

    def child(self):
        return Out(self.r)


class Number:
    def __init__(self, form):
        self.form, self.least = ">" + form, struct.calcsize(">" + form)
        bits = 8 * self.least
        self.low, self.high = (-(1 << bits - 1), (1 << bits - 1) - 1) if form == "q" else (0, (1 << bits) - 1)

    def write(self, out, value):
        out.add(struct.pack(self.form, value))

    def read(self, c):
        return struct.unpack(self.form, c.take(self.least))[0]

    def random(self, r):
        kind = r.random()
        if kind < 0.1:
            return r.choice((self.low, self.high, 0))
        if kind < 0.5:
            return r.randint(0, min(self.high, 200))
        return r.randint(self.low, self.high)


class Float:
    def __init__(self, form, low=None, high=None, reason=None):
        self.form, self.least, self.low, self.high, self.reason = ">" + form, 4 if form == "f" else 8, low, high, reason

    def write(self, out, value):
        out.add(struct.pack(self.form, value))

    def read(self, c):
        at = c.pos
        value = struct.unpack(self.form, c.take(self.least))[0]
        if not math.isfinite(value):
            c.fail("not finite", at)
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            c.fail(self.reason, at)
        return value

    def random(self, r):
        if self.low is not None:
            value = r.choice((self.low, self.high or 1e6, r.uniform(self.low, self.high or 100)))
        else:
            value = r.choice((0.0, -0.0, 1.5, r.uniform(-1000, 1000), r.uniform(-1, 1) * 10 ** r.randint(-30, 30)))
        return struct.unpack(self.form, struct.pack(self.form, value))[0]


class Bool:
    least = 1

    def write(self, out, value):
        out.add(bytes([value]))

    def read(self, c):
        value = c.take(1)[0]
        if value > 1:
            c.fail("bool", c.pos - 1)
        return value == 1

    def random(self, r):
        return r.random() < 0.5


class Enum:
    """A closed enumeration; `names` in the order of their numbers."""
    least = 1

    def __init__(self, *names):
        self.names = names

    def write(self, out, value):
        out.add(bytes([self.names.index(value)]))

    def read(self, c):
        value = c.take(1)[0]
        if value >= len(self.names):
            c.fail("enum value", c.pos - 1)
        return self.names[value]

    def random(self, r):
        return r.choice(self.names)


class Code:
    """An open enumeration: a value that is not listed is its number."""
    least = 1

    def __init__(self, names):
        self.names, self.numbers = names, {name: number for number, name in names.items()}

    def write(self, out, value):
        out.add(bytes([self.numbers.get(value, value)]))

    def read(self, c):
        value = c.take(1)[0]
        return self.names.get(value, value)

    def random(self, r):
        value = r.choice(list(self.names)) if r.random() < 0.8 else r.randint(0, 255)
        return self.names.get(value, value)


class Uuid:
    least = 16

    def write(self, out, value):
        out.add(uuidlib.UUID(value).bytes)

    def read(self, c):
        return str(uuidlib.UUID(bytes=bytes(c.take(16))))

    def random(self, r):
        return str(uuidlib.UUID(int=r.getrandbits(128)))


class Bytes:
    least = 1

    def write(self, out, value):
        out.block(bytes.fromhex(value))

    def read(self, c):
        inner = c.inner()
        return bytes(inner.take(inner.left)).hex()

    def random(self, r):
        return r.randbytes(r.choice((0, 1, 16, 32, r.randint(0, 100)))).hex()


class Rest:
    """The octets up to the end."""
    least = 0

    def write(self, out, value):
        out.add(bytes.fromhex(value))

    def read(self, c):
        return bytes(c.take(c.left)).hex()

    random = Bytes.random


class String:
    least = 1
    awkward = ("", "plaza", "Zoë 🛰", "tab\tline\nquote\"back\\slash", "\x00\x1b[31m\x7f", "日本語",
               "a\u0301\u202e!", "\ufeff\U0010ffff", "</script>")

    def write(self, out, value):
        out.block(value.encode())

    def read(self, c):
        at = c.pos
        inner = c.inner()
        try:
            return bytes(inner.take(inner.left)).decode()
        except UnicodeDecodeError:
            c.fail("not UTF-8", at)

    def random(self, r):
        return r.choice(self.awkward) if r.random() < 0.5 else f"name-{r.randint(0, 10 ** r.randint(1, 12))}"


class Fixed:
    """Several numbers in a row, shown as a list."""

    def __init__(self, *parts, unit=False):
        self.parts, self.unit, self.least = parts, unit, sum(p.least for p in parts)

    def write(self, out, value):
        for part, item in zip(self.parts, value, strict=True):
            part.write(out, item)

    def read(self, c):
        return [part.read(c) for part in self.parts]

    def random(self, r):
        if not self.unit:
            return [part.random(r) for part in self.parts]
        parts = [r.gauss(0, 1) for _ in self.parts]
        length = math.sqrt(sum(p * p for p in parts)) or 1
        return [single(p / length) for p in parts]


class Struct:
    """Fields in order. A field without a name holds a codec whose keys join this structure's own."""

    def __init__(self, **fields):
        self.fields = fields
        self.least = sum(codec.least for codec in fields.values())

    def write(self, out, value):
        for name, codec in self.fields.items():
            codec.write(out, value if name.startswith("_") else value[name])

    def read(self, c):
        value = {}
        for name, codec in self.fields.items():
            if name.startswith("_"):
                value.update(codec.read(c))
            else:
                value[name] = codec.read(c)
        return value

    def random(self, r):
        value = {}
        for name, codec in self.fields.items():
            if name.startswith("_"):
                value.update(codec.random(r))
            else:
                value[name] = codec.random(r)
        return value


class List:
    least = 1

    def __init__(self, element, most=4):
        self.element, self.most = element, most

    def write(self, out, value):
        out.varint(len(value))
        for item in value:
            self.element.write(out, item)

    def read(self, c):
        at = c.pos
        count = c.varint()
        if count * max(1, self.element.least) > c.left:
            c.fail("count past the end", at)
        return [self.element.read(c) for _ in range(count)]

    def random(self, r):
        return [self.element.random(r) for _ in range(r.choice((0, 1, 2, r.randint(0, self.most))))]


class Option:
    least = 1

    def __init__(self, content):
        self.content = content

    def write(self, out, value):
        out.add(bytes([value is not None]))
        if value is not None:
            self.content.write(out, value)

    def read(self, c):
        return self.content.read(c) if BOOL.read(c) else None

    def random(self, r):
        return self.content.random(r) if r.random() < 0.5 else None


class Union:
    """`{"tag": name, "value": content}`; a tag whose content is None stands alone. The number is the position."""
    least = 1

    def __init__(self, *cases):
        self.names, self.contents = [c[0] for c in cases], [c[1] for c in cases]

    def write(self, out, value):
        number = self.names.index(value["tag"])
        out.add(bytes([number]))
        if self.contents[number] is not None:
            self.contents[number].write(out, value["value"])

    def read(self, c):
        number = c.take(1)[0]
        if number >= len(self.names):
            c.fail("enum value", c.pos - 1)
        value = {"tag": self.names[number]}
        if self.contents[number] is not None:
            value["value"] = self.contents[number].read(c)
        return value

    def random(self, r):
        number = r.randrange(len(self.names))
        value = {"tag": self.names[number]}
        if self.contents[number] is not None:
            value["value"] = self.contents[number].random(r)
        return value


class Parameters:
    """`type u8, parameters bytes`, the content of `parameters` being decided by `type`.

    A content of None must be empty (shown null); with `empty` named, that type's parameters may be empty too.
    """
    least = 2

    def __init__(self, *cases, empty=(), left_over="octets after the parameters"):
        self.type, self.contents = Enum(*(c[0] for c in cases)), dict(cases)
        self.empty, self.left_over = empty, left_over

    def write(self, out, value):
        self.type.write(out, value["type"])
        inner = out.child()
        if value["parameters"] is not None:
            self.contents[value["type"]].write(inner, value["parameters"])
        out.block(inner.octets)

    def read(self, c):
        kind = self.type.read(c)
        inner = c.inner()
        content = self.contents[kind]
        parameters = None
        if content is not None and (inner.left or kind not in self.empty):
            parameters = content.read(inner)
        inner.finish(self.left_over)
        return {"type": kind, "parameters": parameters}

    def random(self, r):
        kind = self.type.random(r)
        content = self.contents[kind]
        bare = content is None or (kind in self.empty and r.random() < 0.5)
        return {"type": kind, "parameters": None if bare else content.random(r)}


class SyncModes(Enum):
    """SyncMode, whose CUSTOM is followed by a number."""

    def __init__(self):
        super().__init__("FULL", "DELTA", "INCREMENTAL", "CUSTOM")

    def write(self, out, value):
        custom = isinstance(value, dict)
        super().write(out, "CUSTOM" if custom else value)
        if custom:
            U16.write(out, value["CUSTOM"])

    def read(self, c):
        name = super().read(c)
        return {"CUSTOM": U16.read(c)} if name == "CUSTOM" else name

    def random(self, r):
        name = super().random(r)
        return {"CUSTOM": U16.random(r)} if name == "CUSTOM" else name


def single(value):
    """The nearest 32-bit float."""
    return struct.unpack(">f", struct.pack(">f", value))[0]


U8, U16, U32, U64, I64 = Number("B"), Number("H"), Number("I"), Number("Q"), Number("q")
F32, F64, BOOL, UUID, BYTES, REST, STRING = Float("f"), Float("d"), Bool(), Uuid(), Bytes(), Rest(), String()
VECTOR3, VECTOR3F = Fixed(F64, F64, F64), Fixed(F32, F32, F32)
QUATERNION, VERSION = Fixed(F32, F32, F32, F32, unit=True), Fixed(U16, U16, U16)
SYNC_MODE = SyncModes()
