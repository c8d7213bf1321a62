"""What the linker left in the programs: each part of cmake/hardening.cmake shows in them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

BIN = Path(os.environ["LATCHKEY_BIN"])
PROGRAMS = ["latchkey", "latchkey-writer", "latchkey-worker"]


def readelf(*words):
    return subprocess.run(["readelf", "--wide", *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(name="program", params=PROGRAMS)
def program_fixture(request):
    path = BIN / request.param
    if b"__asan_init" in path.read_bytes():
        pytest.skip("a sanitizer's build has checks of its own")
    return path


def test_a_smashed_stack_ends_the_process(program):
    assert "__stack_chk_fail" in readelf("--dyn-syms", program)


def test_libc_checks_the_sizes_of_buffers(program):
    """_FORTIFY_SOURCE."""
    assert re.search(r"__\w+_chk@", readelf("--dyn-syms", program).replace("__stack_chk_fail", ""))


def test_the_librarys_assertions_are_on(program):
    """_GLIBCXX_ASSERTIONS: an index beyond a vector's end is no read of what lies there."""
    assert "__glibcxx_assert_fail" in readelf("--dyn-syms", program)


def test_symbols_are_bound_at_start_and_their_table_is_read_only(program):
    dynamic = readelf("--dynamic", program)
    assert "BIND_NOW" in dynamic and "NOW" in re.search(r"FLAGS_1.*", dynamic).group(0)
    assert "GNU_RELRO" in readelf("--segments", program)


def test_it_lies_elsewhere_at_each_start(program):
    assert re.search(r"Type:\s+DYN \(Position-Independent Executable", readelf("--file-header", program))
    assert "PIE" in re.search(r"FLAGS_1.*", readelf("--dynamic", program)).group(0)


def test_no_page_is_both_written_and_run(program):
    segments = readelf("--segments", program)
    stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
    assert " RW " in stack and "RWE" not in segments
