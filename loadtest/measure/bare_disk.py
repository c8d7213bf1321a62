"""What an fdatasync takes here by itself, beside a run: a stall of the writer can be no shorter than the disk's."""

import multiprocessing
import os
import time

BYTES = 32 * 1024   # about what a batch of the writer appends to the WAL
PAUSE_S = 0.02      # few enough to leave the disk to the writer


class BareFdatasync:
    """Context manager; longest_ms() gives the longest since it was asked last. A process of its own, with a file of
    its own in `folder`, which is written over and over as the WAL is."""

    def __init__(self, folder):
        self._path = folder / "fdatasync.probe"
        self._longest = multiprocessing.Value("d", 0.0)
        self._process = multiprocessing.Process(target=self._probe, daemon=True)

    def __enter__(self):
        self._process.start()
        return self

    def __exit__(self, kind, value, trace):
        self._process.terminate()
        self._process.join()
        self._path.unlink(missing_ok=True)

    def _probe(self):
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        data, places = os.urandom(BYTES), 64
        while True:
            for place in range(places):
                os.pwrite(file, data, place * BYTES)
                begun = time.perf_counter()
                os.fdatasync(file)
                millis = (time.perf_counter() - begun) * 1000
                with self._longest.get_lock():
                    self._longest.value = max(self._longest.value, millis)
                time.sleep(PAUSE_S)

    def longest_ms(self):
        with self._longest.get_lock():
            longest, self._longest.value = self._longest.value, 0.0
        return longest
