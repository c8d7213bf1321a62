"""Floods of one address, for every address that a configuration of nginx names: the tests cannot forget one."""

import re
import threading
import time

# A path for each location that is a regular expression; one that is not here fails the test that meets it.
PATHS = {
    r"^/o/[^/]+/activate$": "/o/acme/activate",
    r"^/o/[^/]+/auth/device/verify$": "/o/acme/auth/device/verify",
    r"^/o/[a-z0-9-]+/activate/*$": "/o/Acme/activate/",
    r"^(/|(/o/[^/]+)?/activate(/confirm)?/?|/sign-in|/forgot-password)$": "/activate",
}
METHODS = ("GET", "POST", "PUT", "OPTIONS")
# What nginx refuses while it reads it, or for its length.
REFUSED_EARLY = {
    "no Host": b"GET / HTTP/1.1\r\n%s\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: a\r\n%s\r\n",
    "a coding": b"POST /oauth/token HTTP/1.1\r\nHost: a\r\n%sTransfer-Encoding: foo\r\n\r\n",
    "a long body": b"POST /oauth/token HTTP/1.1\r\nHost: a\r\n%sContent-Length: 20000\r\n\r\n",
    "a long head": b"GET / HTTP/1.1\r\nHost: a\r\n%sX-Long: " + b"A" * 20000 + b"\r\n\r\n",
}
FITS_A_SOCKET = 32768
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


def locations(text):
    """(modifier, pattern) of each location that a client's address can lead to."""
    found = re.findall(r'(?m)^\s*location\s+(?:(=|~\*|~|\^~)\s+)?(?:"([^"]*)"|(\S+))\s*\{', text)
    return [(modifier, quoted or bare) for modifier, quoted, bare in found if not bare.startswith("@")]


def path_of(modifier, pattern):
    if modifier.startswith("~"):
        assert pattern in PATHS, f"a path for the location {pattern} is missing in nginx_flood.PATHS"
        return PATHS[pattern]
    return pattern if modifier == "=" else pattern + "nothing"


def paths(text):
    return sorted({path_of(*location) for location in locations(text)})


def request(method, path, address, host="127.0.0.1", more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {address}\r\n{more}\r\n".encode()


def pipelined(connection, one, times, limit_s=60, answers=None):
    """What one request (or as many as there are answers), sent so often without waiting, is answered; in order."""
    wanted = answers or times
    connection.settimeout(limit_s)
    sender = threading.Thread(target=send_quietly, args=(connection, one * times), daemon=True)
    if len(one) * times > FITS_A_SOCKET:
        sender.start()
    else:
        sender.run()  # a connection of TLS is for one thread
    text, end = b"", time.monotonic() + limit_s
    while text.count(b"HTTP/1.1 ") < wanted and time.monotonic() < end:
        chunk = connection.recv(1 << 20)
        if not chunk:
            break
        text += chunk
    connection.close()
    return text, [int(status) for status in STATUS.findall(text)]


def send_quietly(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass  # refused before all of it was sent: the answers tell


def flooded(connect, text, host="127.0.0.1", network="198.18", times=40):
    """{method and path: statuses}, each from an address of its own below `network`."""
    answers = {}
    for path in paths(text):
        for method in METHODS:
            one = request(method, path, f"{network}.{len(answers) // 250}.{len(answers) % 250 + 1}", host)
            answers[f"{method} {path}"] = pipelined(connect(), one, times)[1]
    return answers


def unlimited(answers):
    """Those of which none was refused, or each: none should be."""
    return {name: sorted(set(statuses)) for name, statuses in answers.items()
            if 429 not in statuses or set(statuses) == {429}}
