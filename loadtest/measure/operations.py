"""What the bench and the capacity search ask of an instance: the requests, and the rows that they write."""

from . import generator
from .instance import NO_LIMITS

SETTINGS = {**NO_LIMITS, "poll_interval_s": 1}  # so that no poll of the bench is too fast
# Each token is another user's. So many pending codes that none is polled twice within poll_interval_s.
SEED = {"organizations": 2000, "users": 5, "tokens": 10000, "pending": 60000}


class Operation:
    """`kind`: of the generator's report, whose right answers each have a row in `table`.
    `once`: the plan of latchkey-seed that makes its bodies, where each is good once."""

    def __init__(self, specs, kind=None, table=None, once=None):
        self.specs = specs  # specs(seeded) -> [spec]
        self.kind = kind
        self.table = table
        self.once = once


OPERATIONS = {
    "subscription": Operation(lambda seeded: [generator.read_subscription(seeded)]),
    "user": Operation(lambda seeded: [generator.read_user(seeded)]),
    "device code": Operation(lambda seeded: [generator.device_code(seeded)], "code", "device_codes"),
    "pending poll": Operation(lambda seeded: [generator.pending_poll(seeded / "poll_bodies.txt")]),
    "redeem": Operation(lambda seeded: [generator.redeem(seeded)], "redeem", "grants", "approved"),
    "refresh": Operation(lambda seeded: [generator.refresh(seeded)], "refresh", "refresh_tokens",
                         "refresh"),
    "mix 70/20/10": Operation(generator.mix, "code", "device_codes"),
}
# Those that may go on for ever.
ENDLESS = [name for name, operation in OPERATIONS.items() if not operation.once]


def seed_once(instance, seeded, operation, count):
    """Fresh bodies for an operation whose bodies are good once; the same organizations and users."""
    instance.seed(seeded, **{"organizations-from": seeded / "organizations.txt", "tokens": 0,
                             "pending": 0, operation.once: count})
