"""Rebuilds the database's files as a power cut leaves them, from a record of what the writer gave to the disk
(preload/disk_log.h). What was not made durable before the cut is thrown away, or survives in pieces."""

import itertools
import random
import struct

EVENT = struct.Struct("<BBHIqq")
WRITE, TRUNCATE, SYNC, LIE, UNLINK, ANSWERS = range(1, 7)
DATABASE, LOG, JOURNAL, FOLDER = range(4)
NAMES = ("latchkey.db", "latchkey.db-wal", "latchkey.db-journal")
SECTOR = 512


class Event:
    """One of disk_log.h; `micros` is of the clock that time.monotonic() reads."""

    __slots__ = ("kind", "file", "offset", "micros", "data")

    def __init__(self, kind, file, offset, micros, data):
        self.kind, self.file, self.offset, self.micros, self.data = kind, file, offset, micros, data


def _events_of(path):
    """All events of one process. A cut-off one at the end is of a process killed while it noted it: what it says was
    not done, or nobody knows of it yet (disk_log.h)."""
    bytes_, at = path.read_bytes(), 0
    events = []
    while at + EVENT.size <= len(bytes_):
        kind, file, _, size, offset, micros = EVENT.unpack_from(bytes_, at)
        if not WRITE <= kind <= ANSWERS or file > FOLDER:
            raise ValueError(f"{path} has no event at byte {at}")
        at += EVENT.size
        data = bytes_[at:at + size]
        if len(data) == size:
            events.append(Event(kind, file, offset, micros, data))
        at += size
    return events


def read_log(path):
    """All events of all processes that noted to `path`, in order. One writer begins after the former has ended."""
    logs = [_events_of(log) for log in path.parent.glob(f"{path.name}.*")]
    return list(itertools.chain.from_iterable(sorted(filter(None, logs), key=lambda events: events[0].micros)))


def _put(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def _cut_to(content, size):
    del content[size:]
    content.extend(bytes(size - len(content)))


class _File:
    def __init__(self, there=True, name_durable=False):
        self.durable = bytearray()
        self.since = []     # events that no fsync followed yet
        self.there = there  # as the process sees it
        self.name_durable = name_durable

    def sync(self):
        for event in self.since:
            self._apply(self.durable, event)
        self.since = []

    @staticmethod
    def _apply(content, event):
        if event.kind == TRUNCATE:
            _cut_to(content, event.offset)
        else:
            _put(content, event.offset, event.data)

    def torn(self, chance):
        """Of what was not durable each sector reached the disk with this chance."""
        content = bytearray(self.durable)
        for event in self.since:
            if event.kind == TRUNCATE:
                if random.random() < chance:
                    self._apply(content, event)
                continue
            for at in range(0, len(event.data), SECTOR):
                if random.random() < chance:
                    _put(content, event.offset + at, event.data[at:at + SECTOR])
        return content


class Disk:
    """The files of one folder, and which of their bytes would survive now."""

    def __init__(self):
        self._files = [_File(there=False) for _ in NAMES]

    def take(self, event):
        if event.kind in (LIE, ANSWERS):
            return
        if event.file == FOLDER:
            for file in self._files:
                file.name_durable = file.there
            return
        file = self._files[event.file]
        if event.kind == SYNC:
            file.sync()
        elif event.kind == UNLINK:
            file.there = False
        else:
            if not file.there:  # made anew: another file, perhaps under a name that the disk knows
                file = self._files[event.file] = _File(name_durable=file.name_durable)
            file.since.append(event)

    def unsynced(self, which):
        return len(self._files[which].since)

    def cut(self, folder, chance):
        """Writes the files as the cut leaves them. chance 0: all that was not durable is gone."""
        for name, file in zip(NAMES, self._files):
            path = folder / name
            path.unlink(missing_ok=True)
            if file.name_durable:
                path.write_bytes(file.torn(chance) if chance else file.durable)
        (folder / "latchkey.db-shm").unlink(missing_ok=True)
