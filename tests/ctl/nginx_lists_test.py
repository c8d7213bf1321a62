"""What nginx's configuration says of each address: its location, its kind of errors, its spellings. And the lists that
repeat each other: statuses of errors."""

import functools
import os
import re
import subprocess
from pathlib import Path

import pytest
from route_table import ROOT, paths, routes

NGINX = ROOT / "nginx"
STYLESHEET = "/assets/latchkey.css"
PEOPLE = [path for path in paths("people") if path != STYLESHEET]
PROGRAMS = paths("programs")


# By hand, so that the locations of these do not change with what renders them.
API, JSON, PAGE, SECRET, LOGIN = ("include api_location.conf;", "include json_location.conf;",
                                  "fastcgi_pass latchkey_api;", "include secret_location.conf;",
                                  "include login_location.conf;")
PROBE, UNSERVED, NONE_OF_API = ("include probe_location.conf;", "include unserved_location.conf;",
                                "include api_errors.conf; return 404;")
LOCATIONS = {
    "/auth/device/code": API, "/auth/token": API, "/oauth/device_authorization": API, "/oauth/token": API,
    "/api/auth/refresh": API, "/api/auth/logout": API, "/api/user": API, "/api/subscription": API,
    "/.well-known/jwks.json": API, "/.well-known/openid-configuration": API,
    "/.well-known/oauth-authorization-server": API, "/auth/device/verify": JSON,
    "/": PAGE, "/activate": SECRET, "/activate/confirm": SECRET, "/activate/result": PAGE, "/sign-in": SECRET,
    "/sign-in/password": LOGIN, "/sign-out": PAGE, "/set-password": SECRET, "/set-password/save": LOGIN,
    "/forgot-password": SECRET, "/assets/latchkey.css": PAGE,
    "/healthz": PROBE, "/readyz": PROBE, "/metrics": "include metrics_location.conf;",
    "/o/acme/oauth/token": API, "/o/acme/nothing": API, "/o/acme/sign-in": API, "/o/acme/activate": SECRET,
    "/o/acme/auth/device/verify": JSON, "/o/acme/ACTIVATE": UNSERVED, "/o/acme/activate/": UNSERVED,
    "/o/Acme/activate": SECRET, "/o/acme/activate/confirm": API, "/o": "return 404;",
    "/.well-known/openid-configuration/o/acme": API, "/.well-known/oauth-authorization-server/o/acme": API,
    "/.well-known/jwks.json/o/acme": NONE_OF_API, "/.well-known/openid-configuration/o": NONE_OF_API,
    "/.well-known/oauth-authorization-server/o": NONE_OF_API, "/api/nothing": NONE_OF_API,
    "/auth/Token": NONE_OF_API, "/oauth/token/": NONE_OF_API, "/.well-known/nothing": NONE_OF_API,
    "/nothing": UNSERVED, "/Activate": UNSERVED, "/sign-in/": UNSERVED, "/healthz/": UNSERVED, "/api": UNSERVED,
}
# These have a quarter of the places to themselves.
SHED_LAST = ["/auth/token", "/oauth/token", "/api/auth/refresh",
             "/o/acme/auth/token", "/o/acme/oauth/token", "/o/acme/api/auth/refresh"]


@functools.cache
def rendered(file):
    """One file of nginx/ with what routes make of it."""
    binary = Path(os.environ.get("LATCHKEY_BIN", ROOT / "build/release/bin")) / "latchkey"
    return subprocess.run([binary, "nginx-site", "--part", file], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def location_of(path):
    """As nginx chooses: the exact one, else the longest beginning, unless it is not ^~ and an expression fits."""
    found = re.findall(r"^location (?:(=|~\*?|\^~) )?(\S+) \{ (.*) \}$", rendered("locations.conf"), re.MULTILINE)
    exact = [body for kind, text, body in found if kind == "=" and text == path]
    if exact:
        assert len(exact) == 1, path
        return exact[0]
    beginnings = [(len(text), kind, body) for kind, text, body in found if kind in ("", "^~") and path.startswith(text)]
    _, longest, body = max(beginnings)
    if longest != "^~":
        for kind, text, of_expression in found:
            if kind in ("~", "~*") and re.search(text, path, re.IGNORECASE if kind == "~*" else 0):
                return of_expression
    return body


def map_of(file, variable):
    """The entries of nginx's map that gives this variable: [(what it matches, value)]."""
    text = rendered(file)
    body = re.search(r"^map [^\n]* \$" + variable + r" \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL).group(1)
    entries = re.findall(r'^\s*("[^"]*"|\S+)\s+("[^"]*"|[^\s;]+);', body, re.MULTILINE)
    assert entries
    return [(key.strip('"'), value.strip('"')) for key, value in entries]


def look_up(entries, value):
    """As nginx does it: the very text first, then the regular expressions in their order."""
    for key, found in entries:
        if not key.startswith("~") and key != "default" and key.lower() == value.lower():
            return found
    for key, found in entries:
        if key.startswith("~"):
            is_caseless = key.startswith("~*")
            pattern = key[2 if is_caseless else 1:].replace("(?<", "(?P<")
            match = re.search(pattern, value, re.IGNORECASE if is_caseless else 0)
            if match:
                return re.sub(r"\$latchkey_part", lambda _: match.group("latchkey_part"), found)
    return dict(entries).get("default", "")


def typed(path):
    """As mail programs and people write it."""
    organization = "/o/acme" if path.startswith("/o/acme/") else ""
    return organization + path.removeprefix(organization).upper() + "/"


def test_the_table_of_routes_has_both_kinds():
    assert {"/", "/activate", "/o/acme/activate", "/set-password/save"} <= set(PEOPLE)
    assert {"/auth/token", "/o/acme/auth/token", "/metrics"} <= set(PROGRAMS)


@pytest.mark.parametrize("path", [*PEOPLE, STYLESHEET])
def test_errors_where_people_ask_are_pages(path):
    assert look_up(map_of("words.conf", "latchkey_kind"), path) == "page"


@pytest.mark.parametrize("path", PROGRAMS)
def test_errors_where_programs_ask_are_json(path):
    assert look_up(map_of("words.conf", "latchkey_kind"), path) in ("api", "json")


# Of a line that is too long to be read; what "/" and the rest are asked for there, Accept decides.
@pytest.mark.parametrize("path", [path for path in PEOPLE if path != "/"])
def test_errors_of_long_lines_where_people_ask_are_pages(path):
    for end in ("?x=AAAA", " HTTP/1.1"):
        assert look_up(map_of("words.conf", "latchkey_kind_of_line"), f"GET {path}{end}") == "page"


@pytest.mark.parametrize("path", [path for path in PEOPLE if path != "/"])
def test_a_page_is_found_in_capitals_and_with_a_slash(path):
    assert look_up(map_of("http.conf", "latchkey_page_address"), typed(path)) == path
    assert look_up(map_of("words.conf", "latchkey_kind"), typed(path)) == "page"


def test_no_page_is_listed_that_nobody_serves():
    listed = {value.replace("$latchkey_part", "acme") for key, value in map_of("http.conf", "latchkey_page_address")
              if key.startswith("~")}
    assert listed == {path for path in PEOPLE if path != "/"}


@pytest.mark.parametrize("path", LOCATIONS)
def test_an_address_has_its_location(path):
    assert location_of(path) == LOCATIONS[path]


def is_in_its_place(route, body):
    """By the row: the pool, what its errors look like, and which logs its query may be in."""
    if route.pool == "login":
        return body == LOGIN
    if route.kind in ("page", "form", "asset"):
        return body == SECRET or body == PAGE and not route.secret_query
    if route.kind in ("probe", "metrics"):
        return body == f"include {route.kind}_location.conf;"
    return body == (API if route.cors else JSON)


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{route.method} {route.path}")
def test_what_is_served_has_its_location(route):
    assert is_in_its_place(route, location_of(route.path))
    if route.where in ("every_issuer", "well_known"):
        assert is_in_its_place(route, location_of("/o/acme" + route.path))
    if route.where == "well_known":
        assert is_in_its_place(route, location_of(route.path + "/o/acme"))


def test_tokens_are_shed_last():
    shed_first = map_of("http.conf", "latchkey_shed_first")
    everything = [*PEOPLE, *PROGRAMS, "/nothing", "/oauth/token/x", "/o/acme/b/oauth/token"]
    assert [path for path in everything if look_up(shed_first, path) != "all"] == \
        [path for path in everything if path in SHED_LAST]


def test_what_hashes_is_under_the_limits_of_passwords():
    for variable, value in (("latchkey_password_net", "$latchkey_typist"), ("latchkey_password_site", "$latchkey_guests")):
        entries = map_of("http.conf", variable)
        counted = {path: look_up(entries, path) for path in [*PEOPLE, *PROGRAMS] if look_up(entries, path)}
        assert counted == {"/sign-in/password": value, "/set-password/save": value}


def error_pages(file):
    """[(statuses, how they are answered)] of a file, without whose page it is."""
    text = (NGINX / file).read_text(encoding="utf-8")
    found = re.findall(r"^error_page ([\d ]+?)( =\d+)? /\.latchkey/[^;]+;", text, re.MULTILINE)
    assert found and len(found) == text.count("\nerror_page ")
    return found


@pytest.mark.parametrize("file", ["api_errors.conf", "json_errors.conf", "page_errors.conf"])
def test_each_list_of_errors_has_the_same_statuses(file):
    of_all = [row for row in error_pages("errors.conf") if row[0] != "497"]  # before any location is chosen
    assert error_pages(file) == of_all


def test_each_list_of_errors_is_compared():
    lists = {file.name for file in NGINX.rglob("*.conf") if "\nerror_page 400 " in file.read_text(encoding="utf-8")}
    assert lists == {"errors.conf", "api_errors.conf", "json_errors.conf", "page_errors.conf"}
