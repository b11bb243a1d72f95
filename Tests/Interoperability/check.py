"""Holds a spatioscope program against the worlds: check.py PROGRAM [--seed N] [--only NAME] | --list

Each world is written to a temporary directory, the program runs there, and what it prints is compared with the
truth key by key. Keys that the truth does not name are ignored. A failed world's files are kept and named.
"""
import argparse
import fnmatch
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import worlds

RUN_SECONDS = 30  # One run; the largest world takes a debug build well under a second.
TOTAL_SECONDS = 170  # What is left then counts as failed.
DIFFERENCES_SHOWN = 4
TIME_TOLERANCE = 2e-6  # Seconds: a double near 1.8e9 holds 2.4e-7, files hold a microsecond.
EPSILON = 1e-9
FIGURE_TOLERANCE = 0.01  # Jitter and round trips.
FIGURE_GRAIN = 1e-3  # Milliseconds: captures keep microseconds.
ABSENT = object()


def short(value):
    text = "nothing" if value is ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."


def differences(expected, got, path="", tolerance=EPSILON):
    """Where `got` departs from `expected`, as lines."""
    if isinstance(expected, dict) and "any" in expected:
        return [f"{path}: missing"] if got is ABSENT and not expected.get("absent") else []
    if isinstance(expected, dict) and "no_data" in expected:
        return [] if got is None or got is ABSENT else [f"{path}: expected no data, got {short(got)}"]
    if isinstance(expected, dict) and "any_of" in expected:
        each = [differences(choice, got, path, tolerance) for choice in expected["any_of"]]
        return [] if [] in each else [f"{path}: expected one of {short(expected['any_of'])}, got {short(got)}"]
    if isinstance(expected, dict) and isinstance(got, dict):
        return [line for key, value in expected.items()
                for line in differences(value, got.get(key, ABSENT), f"{path}.{key}" if path else key, tolerance)]
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return [f"{path}: expected {len(expected)} elements, got {len(got)}"]
        return [line for n, (a, b) in enumerate(zip(expected, got))
                for line in differences(a, b, f"{path}[{n}]", tolerance)]
    if equal(expected, got, TIME_TOLERANCE if path == "time" else 0, tolerance):
        return []
    return [f"{path}: expected {short(expected)}, got {short(got)}"]


def equal(expected, got, absolute, relative):
    if is_number(expected) and is_number(got):
        if isinstance(expected, int) and isinstance(got, int):
            return expected == got
        if relative == FIGURE_TOLERANCE:
            absolute = FIGURE_GRAIN
        return math.isclose(expected, got, rel_tol=0 if absolute == TIME_TOLERANCE else relative, abs_tol=absolute)
    return type(expected) is type(got) and expected == got


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def line_differences(expected, got, numbered=True):
    """One line of `dump`: the keys that are always there, the truth, and no malformation that is none."""
    if not isinstance(got, dict):
        return [f"not an object: {short(got)}"]
    found = [] if isinstance(got.get("findings"), list) else ["findings: not a list"]
    if "number" not in got:
        found.append("number: missing")
    wanted = {key: value for key, value in expected.items() if key != "number" or numbered}
    found += differences(wanted, got)
    if "malformed" not in expected and got.get("malformed") is not None:
        found.append(f"malformed: {short(got['malformed'])}, but the message is good")
    if "reassembled" not in expected and got.get("reassembled") is not None:
        found.append(f"reassembled: {short(got['reassembled'])}, but nothing was completed")
    return found


def named(expected, found):
    """The differences with the message they are about."""
    message = expected.get("message")
    about = message.get("type") if isinstance(message, dict) else "malformed"
    return [f"#{expected.get('number', '?')} {about} {line}" for line in found]


def exact(expected, got):
    found = []
    for a, b in zip(expected, got):
        found += named(a, line_differences(a, b))
    if len(expected) != len(got):
        found.append(f"expected {len(expected)} lines, got {len(got)}")
    return found


def prefix(expected, got):
    if len(got) > len(expected):
        return [f"expected at most {len(expected)} lines, got {len(got)}"]
    return exact(expected[:len(got)], got)


def among(expected, got):
    """Every expected line is there, in order, whatever else is."""
    found, at = [], 0
    for line in expected:
        place = next((n for n in range(at, len(got)) if not line_differences(line, got[n], False)), None)
        if place is None:
            found += named(line, ["message: not found"])
        else:
            at = place + 1
    return found


def not_found(lines):
    return [text for line in lines if line["needed"] for text in named(line, ["not found again"])]


def found_again(expected, got):
    """Behind gaps: everything needed is there, in order, and nothing that never was."""
    found, keys = [], ("source", "destination", "transport", "message")
    for direction in sorted({line["source"] for line in expected}):
        lines = [{k: line[k] for k in keys} | {"needed": line["needed"]} for line in expected
                 if line["source"] == direction and line["possible"]]
        at = 0
        for line in (g for g in got if g.get("source") == direction and g.get("malformed") is None):
            place = next((n for n in range(at, len(lines)) if
                          not differences({k: lines[n][k] for k in keys}, line)), None)
            if place is None:
                found.append(f"made up or out of order: {short(line)}")
                continue
            found += not_found(lines[at:place])
            at = place + 1
        found += not_found(lines[at:])
    return found


def survive(expected, got):
    return []


MODES = {"exact": exact, "prefix": prefix, "among": among, "found again": found_again, "survive": survive}


def figure_differences(figures, got):
    """`stats`: plain figures, then the lists by their keys."""
    if not isinstance(got, dict):
        return [f"not an object: {short(got)}"]
    lists = {"streams": ("source", "destination", "stream_id"), "spaces": ("space_id",), "sessions": ("session_id",),
             "entities": ("entity_id", "space_id")}
    found = differences({k: v for k, v in figures.items() if k not in lists and k != "round_trips"}, got)
    for name, keys in lists.items():
        if name not in figures:
            continue
        listed = {tuple(item.get(k) for k in keys): item for item in got.get(name) or []}
        for item in figures[name]:
            key = tuple(item[k] for k in keys)
            about = f"{name} {' '.join(str(part) for part in key)}:"
            if key not in listed:
                found.append(f"{about} missing")
                continue
            plain = {k: v for k, v in item.items() if k != "jitter_ms"}
            found += [f"{about} {line}" for line in differences(plain, listed[key])]
            if "jitter_ms" in item:
                found += [f"{about} {line}" for line in differences(
                    {"jitter_ms": item["jitter_ms"]}, listed[key], tolerance=FIGURE_TOLERANCE)]
        # Removed entities may stay listed; a stream or session that never was may not.
        extra = set(listed) - {tuple(item[k] for k in keys) for item in figures[name]}
        if extra and name != "entities":
            found.append(f"{name}: {len(extra)} that never were, as {short(sorted(map(str, extra))[0])}")
    if "round_trips" in figures:
        found += round_trip_differences(figures["round_trips"], got.get("streams") or [])
    return found


def round_trip_differences(pairs, streams):
    """A pair of endpoints has its round trips on at least one of its streams, and nowhere others."""
    found, shown = [], {}
    for stream in streams:
        if isinstance(stream.get("rtt_ms"), dict) and stream["rtt_ms"].get("smoothed") is not None:
            pair = " ".join(sorted((stream["source"], stream["destination"])))
            shown.setdefault(pair, []).append(stream["rtt_ms"])
    for pair, expected in pairs.items():
        if pair not in shown:
            found.append(f"rtt_ms {pair}: missing")
        for got in shown.get(pair, []):
            found += [f"rtt_ms {pair}: {line}" for line in differences(expected, got, tolerance=FIGURE_TOLERANCE)]
    return found + [f"rtt_ms {pair}: there was no round trip" for pair in shown if pair not in pairs]


def run(program, directory, expected, deadline):
    """The differences of one run of the program."""
    files = expected["files"]
    command = [program, expected["command"], *files, "--format", "json", *expected["arguments"]]
    given = (directory / expected["stdin"]).read_bytes() if "stdin" in expected else None
    seconds = max(1, min(RUN_SECONDS, deadline - time.monotonic()))
    try:
        done = subprocess.run(command, cwd=directory, input=given, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return command, [f"still running after {seconds:.0f} s"]
    found, wanted = [], expected["exit"]
    if done.returncode != wanted if wanted is not None else done.returncode not in (0, 1):
        found.append(f"exit status {done.returncode}, expected {'0 or 1' if wanted is None else wanted}")
        found += [f"stderr: {line}" for line in done.stderr.decode(errors="replace").splitlines()[:2]]
    if done.returncode == 1 and not done.stderr.strip():
        found.append("exit status 1 and nothing on standard error")
    try:
        text = done.stdout.decode()
        lines = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return command, found + [f"not JSON: {error}"]
    if expected["command"] == "dump":
        found += MODES[expected["mode"]](expected.get("lines", []), lines)
    elif "figures" in expected:
        found += figure_differences(expected["figures"], lines[0]) if lines else ["printed nothing"]
    return command, found


def check_world(program, name, seed, root, deadline):
    """(passed, failed) of a world's runs; each failure is printed."""
    made = worlds.build(name, seed)
    if made is None:
        print(f"{name}: left out, a library is not installed here")
        return 0, 0
    directory, passed, failed = root / name, 0, 0
    made.write(directory)
    for expected in made.runs:
        command, found = run(program, directory, expected, deadline)
        if not found:
            passed += 1
            continue
        failed += 1
        print(f"\n{name}: cd {directory} && {' '.join(map(str, command))}")
        for line in found[:DIFFERENCES_SHOWN]:
            print(f"    {line}")
        if len(found) > DIFFERENCES_SHOWN:
            print(f"    ... and {len(found) - DIFFERENCES_SHOWN} more")
    if not failed:
        shutil.rmtree(directory)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", metavar="NAME", help="a world's name, or a pattern such as 'tcp-*'")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    names = [n for n in worlds.WORLDS if not options.only or fnmatch.fnmatch(n, options.only)]
    if options.list:
        print("\n".join(names))
        return 0
    if not options.program:
        parser.error("a program is needed")
    if not names:
        parser.error(f"no world is called {options.only}")
    program = str(pathlib.Path(options.program).resolve())
    root = pathlib.Path(tempfile.mkdtemp(prefix="spatio-worlds-"))
    deadline, passed, failed = time.monotonic() + TOTAL_SECONDS, 0, 0
    for name in names:
        if time.monotonic() > deadline:
            print(f"{name}: not run, the time was up")
            failed += 1
            continue
        done = check_world(program, name, options.seed, root, deadline)
        passed, failed = passed + done[0], failed + done[1]
    if not failed:
        shutil.rmtree(root)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
