"""The same measurements driven by wrk, for figures that compare with other people's."""

import pathlib
import re
import subprocess

from .instance import Failed

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "wrk"
MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


def _script(name, *arguments):
    return ["-s", str(SCRIPTS / name)], [str(a) for a in arguments]


def arguments_of(what, seeded):
    """(path, wrk's arguments, the script's arguments) of an operation of the bench."""
    tokens, bodies = seeded / "tokens.txt", seeded / "code_bodies.txt"
    known = {
        "subscription": ("/api/subscription", _script("tokens.lua", tokens)),
        "user": ("/api/user", _script("tokens.lua", tokens)),
        "device code": ("/auth/device/code", _script("bodies.lua", bodies, "application/json")),
        "pending poll": ("/auth/token", _script("bodies.lua", seeded / "poll_bodies.txt",
                                                "application/x-www-form-urlencoded")),
        "mix 70/20/10": ("/", _script("mix.lua", tokens, bodies)),
    }
    path, (script, words) = known.get(what, (f"/bench/{what}", ([], [])))
    return path, script, words


def _milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * MS[unit]


def _number(pattern, text):
    found = re.search(pattern, text)
    return float(found.group(1)) if found else 0.0


def _failed(text, all_wrong):
    """Socket errors and answers that are not 2xx; `all_wrong`: where 400 is right, those that are."""
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    sockets = sum(int(n) for n in errors.groups()) if errors else 0
    wrong = int(_number(r"Non-2xx or 3xx responses: (\d+)", text))
    if all_wrong:
        wrong = int(_number(r"(\d+) requests in", text)) - wrong
    return sockets + wrong


def run_wrk(instance, what, seeded, connections, seconds, threads):
    """A report in the shape of latchkey-load's, as far as wrk tells."""
    path, script, words = arguments_of(what, seeded)
    done = subprocess.run(
        ["wrk", "--latency", f"-c{connections}", f"-t{threads}", f"-d{max(1, round(seconds))}s",
         "--timeout", "20s", *script, f"{instance.url}{path}", *(["--"] + words if words else [])],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed("wrk: " + done.stdout + done.stderr)
    text = done.stdout
    failed = _failed(text, what == "pending poll")
    longest = _milliseconds(re.search(r"Latency\s+\S+\s+\S+\s+(\S+)", text).group(1))
    return {
        "longest_ms": longest,
        "total": {
            "requests_per_s": _number(r"Requests/sec:\s+([\d.]+)", text),
            "p50_ms": _milliseconds(re.search(r"50%\s+(\S+)", text).group(1)),
            "p99_ms": _milliseconds(re.search(r"99%\s+(\S+)", text).group(1)),
            "answered": int(_number(r"(\d+) requests in", text)) - failed,
            "failed": failed, "failures": {},
        },
    }
