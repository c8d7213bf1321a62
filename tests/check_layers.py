#!/usr/bin/env python3
"""Checks every #include under src/ against the arrows of docs/ARCHITECTURE.md.

A module may include itself and the modules below it; a third-party library belongs to one module (or to one
file), and so do some words. Nor may two files give one name to texts that kJoined takes. Exits with 1
and a line for each wrong arrow or name. Usage: check_layers.py [REPOSITORY]
"""

import re
import sys
from pathlib import Path

DOMAIN = ["base", "records", "domain"]
MODULES = {
    "base": [],
    "records": ["base"],
    "domain": ["base", "records"],
    "oauth": DOMAIN,
    "accounts": DOMAIN,
    "wire": DOMAIN + ["shm"],
    "store": DOMAIN,
    "json": ["base"],
    "http": DOMAIN + ["oauth", "json"],
    "crypto": DOMAIN,
    "shm": DOMAIN,
    "jose": DOMAIN + ["json", "crypto"],
    "metrics": DOMAIN + ["shm"],
    "worker": DOMAIN + ["oauth", "accounts", "jose", "json", "wire", "store", "http", "crypto", "shm", "metrics"],
    "writer": DOMAIN + ["wire", "shm", "store", "crypto"],
    "supervisor": ["base"],
    "ctl": DOMAIN + ["supervisor", "oauth", "accounts", "jose", "wire", "store", "http", "json", "crypto", "shm", "metrics"],
}

# Header prefix -> the beginnings of the paths that may use it: a module's, or one file's.
LIBRARIES = {
    "sqlite3": "store/",
    "openssl/": "crypto/",
    "argon2": "crypto/",
    "crypt.h": "crypto/",
    "uuid/": "base/bytes.cc",
    "fcgi": "worker/fcgi/fcgi_connection.",
    "rapidjson/": "json/",
    "mustache": "http/",
    "kainjow/": "http/",
    "toml++/": "base/settings_file.cc",
    "CLI/": "ctl/",
    "curl/": "ctl/",
    "qrencode": "ctl/",
    "unicase": "accounts/",
    "unictype": "accounts/",
    "uninorm": "accounts/",
    "unistr.h": "accounts/",
    "idn2": "accounts/",
    "fmt/": "ctl/",
    "sql_files.h": "store/",
    "pages_files.h": "http/",
    "nginx_files.h": "ctl/",
    "nginx_site_files.h": "ctl/",
}

# Words that one file alone may use: what it does for all must not be forgotten elsewhere.
WORDS = {"sqlite3_open": "store/connection.cc"}

JOINED = re.compile(r"kJoined<([^>]*)>")
TEXT = re.compile(r"constexpr (?:std::)?string_view (k\w+)\s*=")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(2)


def complaint(module, inner_path, header):
    """Why a file of `module` may not include `header`; None where it may."""
    first = header.split("/", 1)[0]
    if "/" in header and first in MODULES:
        if first != module and first not in MODULES[module]:
            return f"{module} may not include {first}"
        return None
    for prefix, owner in LIBRARIES.items():
        if header.startswith(prefix) and not inner_path.startswith(owner):
            return f"{header} belongs to {owner if isinstance(owner, str) else ' and '.join(owner)}"
    return None


def check(source):
    wrong = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        inner_path = path.relative_to(source).as_posix()
        module = inner_path.split("/", 1)[0]
        if module not in MODULES:
            wrong.append(f"src/{inner_path}: {module} is no module of tests/check_layers.py")
            continue
        for number, header in includes(path):
            why = complaint(module, inner_path, header)
            if why:
                wrong.append(f"src/{inner_path}:{number}: {why}")
        text = path.read_text(encoding="utf-8")
        wrong += [f"src/{inner_path}: {word} belongs to {owner}"
                  for word, owner in WORDS.items() if word in text and inner_path != owner]
    return wrong


def twice_joined(source):
    """Names that kJoined (store/joined_text.h) takes and two files define: GCC 14 makes one text of them."""
    files = {}
    for path in sorted(source.rglob("*.cc")):
        text = path.read_text(encoding="utf-8")
        used = set(re.findall(r"k\w+", " ".join(JOINED.findall(text))))
        for name in used & set(TEXT.findall(text)):
            files.setdefault(name, []).append(path.relative_to(source).as_posix())
    return [f"src/{' and src/'.join(found)}: {name} is joined in both: define it once, in store/joined_text.h"
            for name, found in sorted(files.items()) if len(found) > 1]


def main():
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    wrong = check(repository / "src") + twice_joined(repository / "src")
    print("\n".join(wrong) if wrong else "layers: every arrow points down")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
