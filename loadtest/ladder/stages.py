"""The stages of the load story, and what each needs of an instance. docs/performance.md, "The ladder"."""

from dataclasses import dataclass, field

from measure.instance import NO_LIMITS

# Of all stages alike: no limits that the story had not, and the longest deadlines there are, so that a stage may be
# late before it fails.
COMMON = {
    **NO_LIMITS,
    "request_budget_ms": 14000,
    "record_deadline_ms": 13000,
    "heartbeat_old_ms": 12000,
}
STORY_WRITER = {"latchkey-writer": "latchkey-ladder-writer"}
STORY_WORKER = {"latchkey-worker": "latchkey-ladder-worker"}


@dataclass(frozen=True)
class Stage:
    number: str
    name: str
    title: str
    colour: str
    settings: dict = field(default_factory=dict)
    programs: dict = field(default_factory=dict)  # program of the product: what takes its place
    writes: str = ""                              # LADDER_WRITES of latchkey-ladder-worker
    truncates: bool = False                       # wal_checkpoint(TRUNCATE) beside it
    has_queue: bool = True                        # its rows go through the writer
    keeps: bool = True                            # nginx keeps its connections to the children
    one_cpu: bool = False
    must_hold: bool = False                       # a failure is one of ours


STAGES = [
    Stage("1", "direct", "each child writes, one row a transaction", "#b2182b",
          programs=STORY_WRITER | STORY_WORKER, writes="direct", truncates=True, has_queue=False),
    Stage("2", "queue", "one queue, one row a transaction", "#e0701a",
          {"batch_records": 1}, STORY_WRITER, truncates=True),
    Stage("3", "codes-in-writer", "256 rows or 5 ms, codes drawn in the writer", "#c9a000",
          {"batch_records": 256}, STORY_WRITER | STORY_WORKER, writes="blank", truncates=True),
    Stage("4", "codes-in-workers", "the same, codes drawn in the workers", "#8c6239",
          {"batch_records": 256}, STORY_WRITER, truncates=True),
    Stage("5", "passive", "batches as they come, PASSIVE checkpoints alone", "#7b3294",
          {"checkpoint_restart_frames": 1_000_000, "wal_limit_mb": 4096}),
    Stage("6", "ours", "ours: bounded checkpoints between batches", "#1b7837", must_hold=True),
    Stage("7", "unkept", "ours, a connection a request", "#2166ac", keeps=False, must_hold=True),
    Stage("8a", "ours-1cpu", "ours on one CPU", "#5aae61", one_cpu=True),
    Stage("8b", "unkept-1cpu", "ours on one CPU, a connection a request", "#5b9bd5", keeps=False, one_cpu=True),
]
# What is said beside the table: stage, and the one that it is compared with.
COMPARED = [("unkept", "ours"), ("ours-1cpu", "ours"), ("unkept-1cpu", "ours-1cpu")]
