"""docs/security.md: every test that one of its tables names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security.md"
TEXTS = {path: path.read_text(encoding="utf-8") for folder in ("tests", "loadtest")
         for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".cc", ".h")}
GTEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
SUITES = {}
for text in TEXTS.values():
    for suite, name in GTEST.findall(text):
        SUITES.setdefault(suite, set()).add(name)
FUNCTIONS = {name for path, text in TEXTS.items() if path.suffix == ".py"
             for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def rows():
    """Of each table whose last column is called "test": the line and that column."""
    is_table = False
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.startswith("|"):
            is_table = False
            continue
        last = line.rstrip().rstrip("|").split("|")[-1].strip()
        if last == "test":
            is_table = True
        elif is_table and not set(last) <= {"-"}:
            yield number, last


def is_there(name):
    """A file or folder; module.Suite, module.* or Suite.Name as ctest prints them; a function of pytest."""
    if "/" in name:
        return (ROOT / name).exists()
    if name.startswith("test_"):
        return name in FUNCTIONS
    first, _, second = name.partition(".")
    if (ROOT / "tests" / first).is_dir():
        return second == "*" or second in SUITES or any(suite.startswith(second) for suite in SUITES)
    return second in SUITES.get(first, ()) or any(second in names for suite, names in SUITES.items()
                                                  if suite.startswith(first))


def test_every_test_that_a_table_names_is_there():
    missing = [f"docs/security.md:{number}: {name}" for number, last in rows()
               for name in re.findall(r"`([^`]+)`", last) if not is_there(name)]
    assert not missing, "\n".join(missing)


def test_the_tables_are_read():
    assert sum(1 for _ in rows()) > 10


@pytest.mark.parametrize("name", ["test_of_nothing", "Nothing.AtAll", "tests/e2e/nothing_test.py", "Activation.NotThere"])
def test_a_test_that_is_not_there_is_missed(name):
    assert not is_there(name)
