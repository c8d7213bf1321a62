"""Making the machine small for a server that is started: one processor, little memory."""

import contextlib
import os
import pathlib
import resource
import time

from .instance import Failed

GROUPS = pathlib.Path("/sys/fs/cgroup")
MB = 1024 * 1024


class OneProcessor:
    """The server gets the first of our processors, we and the generator the others (as `taskset -c` does it)."""

    def __init__(self):
        processors = sorted(os.sched_getaffinity(0))
        if len(processors) < 2:
            raise Failed("two processors are needed: one for the server, one for the generator")
        self.number = processors[0]
        self._ours = set(processors[1:])

    @contextlib.contextmanager
    def inside(self):
        """What is started in it stays there, and so do its children."""
        os.sched_setaffinity(0, {self.number})
        try:
            yield
        finally:
            os.sched_setaffinity(0, self._ours)

    def strays(self, instance):
        """Pids of the instance that may run elsewhere, too."""
        return [pid for pids in instance.processes().values() for pid in pids
                if os.sched_getaffinity(pid) != {self.number}]


class _Version1:
    """The memory controller of cgroup version 1. The kernel charges pages of files to who read them first."""
    name = "cgroup v1 memory controller, page cache included"
    limit, peak = "memory.limit_in_bytes", "memory.max_usage_in_bytes"
    root = GROUPS / "memory"

    @classmethod
    def is_here(cls):
        return (cls.root / cls.limit).exists()

    @staticmethod
    def killed(folder):
        return _word_after(folder / "memory.oom_control", "oom_kill")


class _Version2:
    name = "cgroup v2 memory controller, page cache included"
    limit, peak = "memory.max", "memory.peak"  # the peak from Linux 5.19 on
    root = GROUPS

    @classmethod
    def is_here(cls):
        try:
            return "memory" in (cls.root / "cgroup.subtree_control").read_text("ascii").split()
        except OSError:
            return False

    @staticmethod
    def killed(folder):
        return _word_after(folder / "memory.events", "oom_kill")


def _word_after(path, name):
    """The number beside `name` in a file of such lines; None where it has none."""
    try:
        lines = [line.split() for line in path.read_text("ascii").splitlines()]
    except OSError:
        return None
    return next((int(words[1]) for words in lines if words[0] == name), None)


class LittleMemory:
    """Context manager: bounds what is started within inside(), all of it together where there is a memory controller
    that we may use; otherwise each process for itself, by its address space."""

    def __init__(self, megabytes):
        self._bytes = megabytes * MB
        self._folder = None
        self._kind = None
        self.how = f"{megabytes} MB for each process (RLIMIT_AS: no memory controller here that we may use)"
        for kind in (_Version1, _Version2):
            if self._kind is None and kind.is_here():
                self._make(kind, megabytes)

    def _make(self, kind, megabytes):
        folder = kind.root / f"latchkey-small-{os.getpid()}"
        try:
            folder.mkdir()
            (folder / kind.limit).write_text(str(self._bytes), "ascii")
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return
        self._kind, self._folder = kind, folder
        self.how = f"{megabytes} MB for all processes together ({kind.name})"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for _ in range(50):  # until the kernel has let go of the last process
            try:
                if self._folder:
                    self._folder.rmdir()
                return
            except OSError:
                time.sleep(0.1)

    @contextlib.contextmanager
    def inside(self):
        if self._folder is None:
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (self._bytes, hard))
            try:
                yield
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
            return
        home = self._home()
        self._join(self._folder)
        try:
            yield
        finally:
            self._join(home)

    @staticmethod
    def _join(folder):
        (folder / "cgroup.procs").write_text(str(os.getpid()), "ascii")

    def _home(self):
        """The group that we are in."""
        for line in pathlib.Path("/proc/self/cgroup").read_text("ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == ("" if self._kind is _Version2 else "memory"):
                return self._kind.root / path.lstrip("/")
        return self._kind.root

    def used(self):
        """{"peak_mb", "killed"}, as far as the kernel tells; {} with rlimits."""
        if self._folder is None:
            return {}
        found = {"killed": self._kind.killed(self._folder)}
        with contextlib.suppress(OSError):
            found["peak_mb"] = round(int((self._folder / self._kind.peak).read_text("ascii")) / MB)
        return found
