"""One instance in which each stage finds the same rows: seeded once, stopped, and put back before each."""

import contextlib
import json
import pathlib
import shutil
import subprocess

from measure.instance import Failed, await_that

from .stages import COMMON

DIRECTORY = {"organizations": 100, "users": 10, "pending": 0}
FILES = ("latchkey.db", "latchkey.db-wal", "latchkey.db-shm")
PROGRAMS = ("latchkey-worker", "latchkey-writer")


class Place:
    """`instance` has binaries of its own and does not run yet. Seeds it by the product's own programs."""

    def __init__(self, instance, bin_dir, tokens):
        self._instance = instance
        self._bin = pathlib.Path(bin_dir)
        self._kept = instance.folder / "kept"
        self._kept.mkdir()
        instance.configure(COMMON)
        instance.start()
        self.seeded = instance.seed(instance.folder / "requests", tokens=tokens, **DIRECTORY)
        instance.stop()
        self._copy(instance.data, self._kept)

    @staticmethod
    def _copy(source, target):
        for name in FILES:
            (target / name).unlink(missing_ok=True)
            if (source / name).exists():
                shutil.copy2(source / name, target / name)

    @contextlib.contextmanager
    def running(self, stage, processor=None):
        """The instance runs as the stage wants it. `processor` (measure.confine): where, if not anywhere."""
        instance = self._instance
        for name in PROGRAMS:
            shutil.copy2(self._bin / stage.programs.get(name, name), instance.bin / name)
        self._copy(self._kept, instance.data)
        instance.configure(COMMON | stage.settings)
        instance.environment["LADDER_WRITES"] = stage.writes
        try:
            with processor.inside() if processor else contextlib.nullcontext():
                instance.start()
            if not stage.keeps:
                self._stop_keeping()
            if processor and processor.strays(instance):
                raise Failed(f"not only on processor {processor.number}: {processor.strays(instance)}")
            yield
        finally:
            instance.stop()

    def _stop_keeping(self):
        path = self._instance.run / "nginx" / "fastcgi.conf"
        text = path.read_text(encoding="utf-8")
        if "fastcgi_keep_conn on;" not in text:
            raise Failed("no fastcgi_keep_conn in the generated fastcgi.conf")
        path.write_text(text.replace("fastcgi_keep_conn on;", "fastcgi_keep_conn off;"), encoding="utf-8")
        self._instance.reload_nginx()
        await_that(lambda: self._instance.get("/healthz")[0] == 200, "nginx answers after its reload")


class Truncations:
    """Context manager: wal_checkpoint(TRUNCATE) beside the writer. `taken`, at its end: a dict of each."""

    def __init__(self, instance, every_s):
        self._instance, self._every_s = instance, every_s
        self._path = instance.folder / "truncations.txt"
        self.taken = []

    def __enter__(self):
        with open(self._path, "wb") as out:
            self._process = subprocess.Popen(
                [self._instance.bin / "latchkey-ladder-truncate", self._instance.data / "latchkey.db",
                 str(round(self._every_s * 1000))], stdout=out, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, kind, value, trace):
        died = self._process.poll() is not None
        self._process.terminate()
        _, why = self._process.communicate()
        lines = self._path.read_text(encoding="ascii").splitlines(keepends=True)
        self.taken = [json.loads(line) for line in lines if line.endswith("\n")]
        if died and kind is None:
            raise Failed(why.strip() or "latchkey-ladder-truncate ended by itself")
