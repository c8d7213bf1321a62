"""A small disk for an instance's data, to be filled or made read-only. Takes root."""

import contextlib
import subprocess


class SmallDisk:
    """A tmpfs in the place of the instance's data folder."""

    def __init__(self, instance, megabytes=24):
        self._instance = instance
        self.path = instance.data
        self._size = f"size={megabytes}m"

    def __enter__(self):
        self.path.mkdir()
        self._mount("-t", "tmpfs", "-o", self._size, "tmpfs")
        self.path.chmod(0o700)
        return self

    def __exit__(self, *_):
        self._instance.stop()
        subprocess.run(["umount", "-l", self.path], check=True)
        self._instance.remove_folder()

    def _mount(self, *words):
        subprocess.run(["mount", *words, self.path], check=True)

    def set_read_only(self, read_only):
        self._mount("-o", "remount," + ("ro" if read_only else "rw"))

    @contextlib.contextmanager
    def full(self):
        ballast = self.path / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        yield
        ballast.unlink()
