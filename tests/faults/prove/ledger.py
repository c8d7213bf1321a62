"""Compares what clients were told with what is in the database and with what it answers."""

import base64

from measure import generator

ID_BYTES = 16
CLIENT_ID = "bench-00001-cli"  # of the only organization that latchkey-seed makes for a ledger


def row_id(device_code):
    """A device_code is the base64url of its row's id and a secret."""
    return base64.urlsafe_b64decode(device_code)[:ID_BYTES]


def write_polls(told, path):
    grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
    with open(path, "w", encoding="ascii") as out:
        for code in told:
            out.write(f"grant_type={grant}&device_code={code}&client_id={CLIENT_ID}\n")


def check_told(check, instance, told_path, acknowledged, rows_before, most_orphans):
    """Every told code: distinct, in the database exactly once, pending when polled."""
    told = told_path.read_text(encoding="ascii").split()
    ids = {row_id(code) for code in told}
    stored = [row[0] for row in instance.query("SELECT id FROM device_codes")]
    lost = ids - set(stored)
    orphans = len(stored) - rows_before - len(ids)
    check.check(len(told) == acknowledged and len(ids) == len(told),
                f"the ledger holds {len(told):,} codes, each given once ({acknowledged:,} answers)")
    check.check(not lost, f"every one of them is in the database ({len(lost)} lost)")
    check.check(len(stored) == len(set(stored)), "none is there twice")
    # A request that nginx sent again may leave the row of its first try: a code that nobody knows.
    check.check(0 <= orphans <= most_orphans,
                f"{orphans} rows that nobody was told of (requests sent again; {most_orphans} at most)")
    polls = told_path.with_name("polls.txt")
    write_polls(told, polls)
    report = generator.run_load(instance, [generator.pending_poll(polls)], count=len(told),
                                check_every=1)
    total = report["total"]
    check.check(total["failed"] == 0 and total["answered"] == len(told),
                f"every one of them polls as {generator.PENDING} "
                f"({total['answered']:,} do, {total['failed']} not: {total['failures']})")
    integrity = instance.query("PRAGMA quick_check")[0][0]
    check.check(integrity == "ok", f"the database is whole (quick_check: {integrity})")
