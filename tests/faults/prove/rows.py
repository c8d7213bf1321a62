"""The ledger of journeys against the rows of a database."""

APPROVED, REDEEMED = 1, 3  # records::DeviceCodeState


class Rows:
    """What a database holds of the journeys; read once."""

    def __init__(self, database):
        self.codes = {row[0]: row[1:] for row in database.execute(
            "SELECT id, state, grant_id, decided_by_record FROM device_codes")}
        self.revoked = dict(database.execute("SELECT id, revoked_at IS NOT NULL FROM grants"))
        self.tokens = dict(database.execute("SELECT id, grant_id FROM access_tokens"))
        self.refresh = {row[0]: row[1:] for row in database.execute(
            "SELECT id, grant_id, successor_id FROM refresh_tokens")}

    def _holds(self, line):
        state, _, decided = self.codes.get(line.journey.code_id, (None, None, None))
        if line.kind == "code":
            return state is not None
        if line.kind == "approval":
            return state in (APPROVED, REDEEMED) and decided is not None
        if line.kind == "redemption":
            return state == REDEEMED and self.tokens.get(line.row) in self.revoked
        if line.kind == "refresh":
            return (self.refresh.get(line.row, (None,))[0] in self.revoked
                    and self.refresh.get(line.parent, (None, None))[1] == line.row)
        return bool(self.revoked.get(self.tokens.get(line.row)))

    def lost(self, lines):
        """Those lines whose promise this database does not hold."""
        return [line for line in lines if not self._holds(line)]

    def doubles(self):
        """What came twice of one grant: grants of one code, successors of one refresh token."""
        grants = [code[1] for code in self.codes.values() if code[1] is not None]
        successors = [row[1] for row in self.refresh.values() if row[1] is not None]
        found = [f"{len(grants) - len(set(grants))} grants of two codes"] * (
            len(grants) != len(set(grants)))
        found += [f"{len(successors) - len(set(successors))} tokens with two parents"] * (
            len(successors) != len(set(successors)))
        heads = {}
        for grant, successor in self.refresh.values():
            heads[grant] = heads.get(grant, 0) + (successor is None)
        many = [grant for grant, count in heads.items() if count != 1]
        return found + [f"{len(many)} grants without exactly one refresh token in use"] * bool(many)

    def orphans(self):
        """How many grants nobody was told of: made by the first try of a redemption that nginx sent again."""
        return len(set(self.revoked) - {code[1] for code in self.codes.values()})
