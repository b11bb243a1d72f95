"""A world: files, and runs of the program on them with what has to come out."""
import json
import random

import truth

WORLDS = {}


def world(function):
    """Registers a world: a function from a random source to a `World`, or None where this machine lacks a library."""
    WORLDS[function.__name__.replace("_", "-")] = function
    return function


def build(name, seed):
    """The world of that name; the same octets for the same seed."""
    made = WORLDS[name](random.Random(f"{seed} {name}"))
    if made:
        made.name = name
    return made


class World:
    def __init__(self, files):
        self.name, self.files, self.runs = "", files, []

    def run(self, command, names, arguments=(), **expected):
        """`expected` holds `exit` (None: 0 or 1), and `lines` with a `mode`, or `figures`."""
        self.runs.append({"command": command, "files": list(names), "arguments": list(arguments), **expected})
        return self

    def dump(self, names, records, arguments=(), exit=0, mode="exact"):
        return self.run("dump", names, arguments, mode=mode, lines=truth.dump_lines(records), exit=exit)

    def stats(self, names, figures, arguments=(), exit=0):
        return self.run("stats", names, arguments, figures=figures, exit=exit)

    def write(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        for name, octets in self.files.items():
            (directory / name).write_bytes(octets)
        (directory / ".expected.json").write_text(json.dumps(self.runs, indent=1))
