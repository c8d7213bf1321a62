-- The audit log (docs/security.md "Audit"): rows are added in the transaction of the change that they tell
-- of, never changed, and go as whole sealed intervals when they are old.

-- `sequence` is the order of commits over all organizations, given by the writer without a gap (the next one
-- after the largest; the newest row is never deleted). It is the only key: an interval of it is sealed, so
-- nothing can slip in behind, and rows go to the end of one b-tree. A table with a rowid, for those append fastest.
CREATE TABLE audit_events (
  sequence        INTEGER NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  at              INTEGER NOT NULL,
  event           INTEGER NOT NULL,
  record_id       BLOB NOT NULL,
  actor           INTEGER NOT NULL,
  actor_id        BLOB,
  actor_name      TEXT NOT NULL,
  user_id         BLOB,
  subject_id      BLOB,
  address         TEXT NOT NULL,
  detail          TEXT NOT NULL
) STRICT;

-- One an organization and interval; `hash` covers its rows in the interval and its seal before.
CREATE TABLE audit_seals (
  organization_id BLOB NOT NULL,
  last_sequence   INTEGER NOT NULL,
  first_sequence  INTEGER NOT NULL,
  row_count       INTEGER NOT NULL,
  hash            BLOB NOT NULL,
  sealed_at       INTEGER NOT NULL,
  PRIMARY KEY (organization_id, last_sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_state (
  id             INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  sealed_through INTEGER NOT NULL,
  pruned_through INTEGER NOT NULL
) STRICT;
INSERT INTO audit_state (id, sealed_through, pruned_through) VALUES (1, 0, 0);
