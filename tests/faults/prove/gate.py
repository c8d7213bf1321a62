"""A gate before one program of an instance with binaries of its own: what is started waits there."""

from measure.preload import wrap

SCRIPT = """#!/bin/sh
while [ -e "{shut}" ]; do sleep 0.05; done
exec "{real}" "$@"
"""


class Gate:
    """Shut while in the context. Opens at its end; the program then starts and stays as it was."""

    def __init__(self, instance, program):
        self._instance, self._program = instance, program
        self._shut = instance.folder / f"{program}.shut"

    def __enter__(self):
        self._shut.touch()
        wrap(self._instance, self._program, SCRIPT, shut=self._shut)
        return self

    def open(self):
        self._shut.unlink(missing_ok=True)

    def __exit__(self, kind, value, trace):
        self.open()
