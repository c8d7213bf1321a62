"""Gives an instance's writer, and nobody else, a disk whose fsync takes long."""

import os
import pathlib
import signal

from .instance import Failed, await_that
from .writer_page import read_page

LIBRARY = "latchkey-poor-disk.so"
# In a build with sanitizers their runtime wants to come first.
SCRIPT = """#!/bin/sh
export LD_PRELOAD="{library}" LATCHKEY_SLOW_FSYNC_MS={millis}
export ASAN_OPTIONS="verify_asan_link_order=0:${{ASAN_OPTIONS:-}}"
exec "{real}" "$@"
"""


def _restart(instance):
    before = instance.pid_of("writer")
    os.kill(before, signal.SIGTERM)
    await_that(lambda: instance.pid_of("writer") not in (0, before), "a new writer")
    await_that(lambda: read_page(instance)["pid"] == instance.pid_of("writer")
               and read_page(instance)["state"] == 1, "it serves")


def _has_library(pid):
    return LIBRARY in pathlib.Path(f"/proc/{pid}/maps").read_text("utf-8")


def slow_down(instance, millis):
    """The instance has binaries of its own. Restarts its writer."""
    path = instance.bin / "latchkey-writer"
    library = instance.bin / LIBRARY
    if not library.exists():
        raise Failed(f"no {library.name} beside the binaries: build it first")
    real = path.rename(instance.bin / "real-latchkey-writer")
    path.write_text(SCRIPT.format(library=library, millis=millis, real=real), "utf-8")
    path.chmod(0o755)
    _restart(instance)
    if not _has_library(instance.pid_of("writer")):
        raise Failed("the writer runs without " + LIBRARY)
