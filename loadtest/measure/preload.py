"""Puts a library before the C library of one program of an instance with binaries of its own."""

import pathlib

from .own_server import Failed

POOR_DISK = "latchkey-poor-disk.so"
POOR_CLOCK = "latchkey-poor-clock.so"
POISON = "latchkey-poison.so"
# In a build with sanitizers their runtime wants to come first.
SCRIPT = """#!/bin/sh
export LD_PRELOAD="{library}" {variables}
export ASAN_OPTIONS="verify_asan_link_order=0:${{ASAN_OPTIONS:-}}"
exec "{real}" "$@"
"""


def wrap(instance, program, script, **words):
    """The script stands in the program's place from its next start on; {real} in it is the program itself."""
    path, real = instance.bin / program, instance.bin / f"real-{program}"
    if not real.exists():
        path.rename(real)
    path.write_text(script.format(real=real, **words), "utf-8")
    path.chmod(0o755)


def preload(instance, program, library, variables):
    """From the program's next start on. `variables` are LATCHKEY_ ones, without the prefix."""
    library = instance.bin / library
    if not library.exists():
        raise Failed(f"no {library.name} beside the binaries: build it first")
    words = " ".join(f'LATCHKEY_{name.upper()}="{value}"' for name, value in variables.items())
    wrap(instance, program, SCRIPT, library=library, variables=words)


def has_library(pid, library):
    return library in pathlib.Path(f"/proc/{pid}/maps").read_text("utf-8")
