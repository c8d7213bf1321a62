"""The record of a disk (preload/disk_log.h) as its reader takes it."""

import pytest
from prove.power_cut import DATABASE, EVENT, LOG, SYNC, WRITE, read_log


def event(kind, file, micros, data=b""):
    return EVENT.pack(kind, file, 0, len(data), 0, micros) + data


def test_processes_follow_each_other_and_a_killed_ones_last_event_is_left_out(tmp_path):
    path = tmp_path / "disk.log"
    killed = event(WRITE, DATABASE, 1, b"one") + event(SYNC, DATABASE, 2) + event(WRITE, LOG, 3, b"three")
    (tmp_path / "disk.log.900").write_bytes(event(WRITE, LOG, 4, b"four"))
    for missing in range(1, EVENT.size + len(b"three")):
        (tmp_path / "disk.log.1000").write_bytes(killed[:-missing])
        assert [(found.micros, found.data) for found in read_log(path)] == [(1, b"one"), (2, b""), (4, b"four")]
    (tmp_path / "disk.log.1000").write_bytes(killed)
    assert [found.micros for found in read_log(path)] == [1, 2, 3, 4]


def test_what_is_no_event_is_an_error(tmp_path):
    (tmp_path / "disk.log.1").write_bytes(event(9, LOG, 1))
    with pytest.raises(ValueError, match="has no event at byte 0"):
        read_log(tmp_path / "disk.log")
