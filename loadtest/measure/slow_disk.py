"""Gives an instance's writer, and nobody else, a disk whose fsync takes long."""

import os
import signal

from .instance import Failed, await_that
from .preload import POOR_DISK, has_library, preload
from .writer_page import read_page


def restart_writer(instance):
    """Returns when the next one serves."""
    before = instance.pid_of("writer")
    os.kill(before, signal.SIGTERM)
    await_that(lambda: instance.pid_of("writer") not in (0, before), "a new writer")
    await_that(lambda: read_page(instance)["pid"] == instance.pid_of("writer")
               and read_page(instance)["state"] == 1, "it serves")


def slow_down(instance, millis):
    """The instance has binaries of its own. Restarts its writer."""
    preload(instance, "latchkey-writer", POOR_DISK, {"slow_fsync_ms": millis})
    restart_writer(instance)
    if not has_library(instance.pid_of("writer"), POOR_DISK):
        raise Failed("the writer runs without " + POOR_DISK)
