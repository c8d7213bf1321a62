"""What the writer did during a run: batches, commits, checkpoints and the WAL."""

import statistics
import threading

from .writer_page import read_page

STEP_S = 0.02
FRAME_BYTES = 4096 + 24
MB = 1024 * 1024


def _mean(total, count):
    return total / count if count else None


class WriterWatch:
    """Context manager. Counts and sums are exact: they come from the page before and after. The page tells the
    longest commit and checkpoint only since the writer's start, and each by itself only until the next: one that
    is no new record is known as far as it was seen, fifty times a second."""

    def __init__(self, instance):
        self._instance = instance
        self._done = threading.Event()
        self._commits = [0]
        self._checkpoints = []
        self._queue = 0
        self._wal_frames = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._before = read_page(self._instance)
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._done.set()
        self._thread.join()
        self._after = read_page(self._instance)
        if self._after["pid"] != self._before["pid"]:  # began anew, and its counts with it
            self._before = {**dict.fromkeys(self._before, 0), "wal_frames": self._before["wal_frames"]}

    def _watch(self):
        batches, checkpoints = self._before["batches"], self._before["checkpoints"]
        while True:
            page = read_page(self._instance)
            if page["batches"] != batches:
                batches = page["batches"]
                self._commits.append(page["last_commit_micros"])
            if page["checkpoints"] != checkpoints:
                checkpoints = page["checkpoints"]
                self._checkpoints.append(page["last_checkpoint_micros"])
            self._queue = max(self._queue, page["queue_depth"])
            self._wal_frames = max(self._wal_frames, page["wal_frames"])
            if self._done.wait(STEP_S):
                return

    def _grown(self, word):
        return self._after[word] - self._before[word]

    def _longest(self, word, seen):
        record = self._after[word] if self._grown(word) > 0 else 0
        return max(record, max(seen, default=0)) / 1000

    def figures(self):
        batches = self._grown("batches")
        commit_micros = self._grown("commit_micros_total")
        return {
            "batches": batches,
            "records": self._grown("records"),
            "records_per_batch": _mean(self._grown("records"), batches),
            "commit_s": commit_micros / 1e6,
            "commit_ms_mean": _mean(commit_micros / 1000, batches),
            "commit_ms_longest": self._longest("longest_commit_micros", self._commits),
            "checkpoints": self._grown("checkpoints"),
            "checkpoints_busy": self._grown("checkpoints_busy"),
            "checkpoint_ms_median": (statistics.median(self._checkpoints) / 1000
                                     if self._checkpoints else None),
            "checkpoint_ms_longest": self._longest("longest_checkpoint_micros", self._checkpoints),
            "queue_depth_most": self._queue,
            # What the WAL held, as far as it was seen; the file keeps the size that it once had.
            "wal_mb_most": self._wal_frames * FRAME_BYTES / MB,
            "wal_mb_at_start": self._before["wal_frames"] * FRAME_BYTES / MB,
            "wal_file_mb": self._instance.wal_bytes() / MB,
        }
