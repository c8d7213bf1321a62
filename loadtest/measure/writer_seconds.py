"""What the writer did in each slice of time: for plots. (Figures of a whole run: writer_watch.py.)"""

import mmap
import struct
import threading

from .writer_page import WORDS

STEP_S = 0.002
TOTALS = ("batches", "records", "commit_micros_total", "checkpoints", "expired_rows")


class WriterSeconds:
    """Context manager; slice() gives what was since the slice before. Counts are exact. The page holds the duration
    of the last commit and checkpoint alone, and the longest since the writer's start: a commit that is no new
    record counts as far as it was seen, 500 times a second. A longer one is all but sure to be seen, since the next
    takes some milliseconds as well."""

    def __init__(self, instance):
        self._path = instance.run / "writer.page"
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        with open(self._path, "rb") as file:
            self._page = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._before = self._words()
        self._begin()
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._done.set()
        self._thread.join()
        self._page.close()

    def _words(self):
        return dict(zip(WORDS, struct.unpack_from(f"<{len(WORDS)}Q", self._page)))

    def _begin(self):
        self._samples = self._queue_sum = self._queue = self._frames = 0
        self._commit = self._checkpoint = 0

    def _watch(self):
        last = self._before
        while not self._done.wait(STEP_S):
            now = self._words()
            with self._lock:
                self._samples += 1
                self._queue_sum += now["queue_depth"]
                self._queue = max(self._queue, now["queue_depth"])
                self._frames = max(self._frames, now["wal_frames"])
                if now["batches"] != last["batches"]:
                    self._commit = max(self._commit, now["last_commit_micros"])
                if now["checkpoints"] != last["checkpoints"]:
                    self._checkpoint = max(self._checkpoint, now["last_checkpoint_micros"])
            last = now

    def _record(self, now, word, seen):
        """In ms. A new record since the writer's start was made in this slice."""
        grown = now[word] > self._before[word]
        return (max(now[word], seen) if grown else seen) / 1000

    def slice(self):
        with self._lock:
            now = self._words()
            grown = {word: now[word] - self._before[word] for word in TOTALS}
            found = {
                "records": grown["records"], "batches": grown["batches"],
                "queue_mean": round(self._queue_sum / max(self._samples, 1), 2),
                "queue_most": self._queue, "wal_frames_most": self._frames,
                "commit_ms_mean": round(
                    grown["commit_micros_total"] / max(grown["batches"], 1) / 1000, 3),
                "commit_ms_longest": self._record(now, "longest_commit_micros", self._commit),
                "checkpoints": grown["checkpoints"],
                "checkpoint_ms_longest": self._record(now, "longest_checkpoint_micros",
                                                      self._checkpoint),
                "expired_rows": grown["expired_rows"],
            }
            self._before = now
            self._begin()
        return found
