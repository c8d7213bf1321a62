"""The writer's page of shared memory (docs/wire-protocol.md): 64-bit words in this order."""

import pathlib
import struct

LAYOUT_VERSION = 1
WORDS = (
    "layout_version", "heartbeat_ms", "state", "directory_generation", "pid", "queue_depth",
    "batches", "records", "records_refused", "last_batch_records", "last_commit_micros",
    "longest_commit_micros", "commit_micros_total", "wal_frames", "wal_frames_longest",
    "checkpoints", "checkpoints_busy", "last_checkpoint_micros", "longest_checkpoint_micros",
    "expired_rows", "peers", "started_at_ms",
)


def read_page(instance):
    """{word: value}"""
    data = pathlib.Path(instance.run / "writer.page").read_bytes()
    page = dict(zip(WORDS, struct.unpack_from(f"<{len(WORDS)}Q", data)))
    if page["layout_version"] != LAYOUT_VERSION:
        raise ValueError(f"writer.page has layout {page['layout_version']}")
    return page
