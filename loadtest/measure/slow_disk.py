"""Gives an instance's writer, and nobody else, a disk whose fsync takes long."""

from .instance import Failed
from .preload import POOR_DISK, has_library, preload


def slow_down(instance, millis):
    """The instance has binaries of its own. Restarts its writer."""
    preload(instance, "latchkey-writer", POOR_DISK, {"slow_fsync_ms": millis})
    instance.restart_writer()
    if not has_library(instance.pid_of("writer"), POOR_DISK):
        raise Failed("the writer runs without " + POOR_DISK)
