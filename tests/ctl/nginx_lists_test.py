"""What nginx's configuration must list by itself, compared with what it repeats: pages, statuses of errors."""

import re

import pytest
from route_table import ROOT, paths, routes

NGINX = ROOT / "nginx"
STYLESHEET = "/assets/latchkey.css"
PEOPLE = [path for path in paths("people") if path != STYLESHEET]
PROGRAMS = paths("programs")


def map_of(file, variable):
    """The entries of nginx's map that gives this variable: [(what it matches, value)]."""
    text = (NGINX / file).read_text(encoding="utf-8")
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


@pytest.mark.parametrize("path", sorted({route.path for route in routes()}))
def test_what_is_served_has_its_location(path):
    texts = "".join(file.read_text(encoding="utf-8") for file in NGINX.glob("*.conf"))
    assert re.search(r"^location = " + re.escape(path) + r" \{", texts, re.MULTILINE)


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
