"""A gate before one program of an instance with binaries of its own: what is started waits there."""

SCRIPT = """#!/bin/sh
while [ -e "{shut}" ]; do sleep 0.05; done
exec "{real}" "$@"
"""


class Gate:
    """Shut while in the context. Opens at its end; the program then starts and stays as it was."""

    def __init__(self, instance, program):
        self._path = instance.bin / program
        self._real = instance.bin / f"real-{program}"
        self._shut = instance.folder / f"{program}.shut"

    def __enter__(self):
        self._shut.touch()
        self._path.rename(self._real)
        self._path.write_text(SCRIPT.format(shut=self._shut, real=self._real), encoding="utf-8")
        self._path.chmod(0o755)
        return self

    def open(self):
        self._shut.unlink(missing_ok=True)

    def __exit__(self, kind, value, trace):
        self.open()
