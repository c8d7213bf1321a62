-- The first schema of Latchkey. Never edited after release: a change is a new numbered file.
--
-- Conventions: ids are UUIDv7, BLOB of 16 bytes; hashes BLOB of 32 bytes; times Unix milliseconds; enums the
-- numbers of src/records/enums.h; booleans 0 or 1. Every table of a tenant has organization_id, and every
-- statement compares it. Tables that grow with use have the time-ordered id alone as their key, so that new
-- rows go to the end of one b-tree (docs/storage.md has the figures). *_by_record keeps the id of the write
-- record that made a transition: the same record sent again gets the same answer.

-- ---- directory: global names, each nothing but the way to (organization, row) ----

CREATE TABLE organization_slugs (
  slug            TEXT NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE client_ids (
  client_id       TEXT NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  client_row_id   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A Host that is an issuer of an organization.
CREATE TABLE domains (
  host              TEXT NOT NULL PRIMARY KEY,
  organization_id   BLOB NOT NULL,
  created_by_record BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_organization ON domains (organization_id, host);

-- A row lives while its code is pending and unexpired; the tombstone stays in device_codes. Client and network
-- (store/apply/live_code_counts.h) are there so that a start of the writer counts the live codes of each by this
-- small table alone.
CREATE TABLE live_user_codes (
  user_code       TEXT NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  device_code_id  BLOB NOT NULL,
  client_row_id   BLOB NOT NULL,
  network         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ---- small rows that seldom change ----

CREATE TABLE organizations (
  id                BLOB NOT NULL PRIMARY KEY,
  slug              TEXT NOT NULL,
  name              TEXT NOT NULL,
  status            INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  created_by_record BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
  id                      BLOB NOT NULL PRIMARY KEY,
  organization_id         BLOB NOT NULL,
  slug                    TEXT NOT NULL,
  name                    TEXT NOT NULL,
  access_token_lifetime_s INTEGER NOT NULL,
  created_at              INTEGER NOT NULL,
  created_by_record       BLOB NOT NULL,
  resources               TEXT NOT NULL,
  UNIQUE (organization_id, slug)
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  id                    BLOB NOT NULL PRIMARY KEY,
  organization_id       BLOB NOT NULL,
  service_id            BLOB NOT NULL,
  client_id             TEXT NOT NULL,
  type                  INTEGER NOT NULL,
  secret_hash           BLOB,
  refresh_token_allowed INTEGER NOT NULL,
  disabled              INTEGER NOT NULL,
  jwks                  TEXT NOT NULL,
  issuer                TEXT NOT NULL,
  default_scope         TEXT NOT NULL,
  allowed_scope         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX clients_by_service ON clients (organization_id, service_id);

CREATE TABLE plans (
  id                BLOB NOT NULL PRIMARY KEY,
  organization_id   BLOB NOT NULL,
  service_id        BLOB NOT NULL,
  name              TEXT NOT NULL,
  price_cents       INTEGER NOT NULL,
  currency          TEXT NOT NULL,
  features          TEXT NOT NULL,
  created_at        INTEGER NOT NULL,
  created_by_record BLOB NOT NULL,
  UNIQUE (organization_id, service_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
  id                  BLOB NOT NULL PRIMARY KEY,
  organization_id     BLOB NOT NULL,
  kid                 TEXT NOT NULL,
  algorithm           INTEGER NOT NULL,
  state               INTEGER NOT NULL,
  public_key          BLOB NOT NULL,
  wrapped_private_key BLOB NOT NULL,
  created_at          INTEGER NOT NULL,
  retire_at           INTEGER,
  created_by_record   BLOB NOT NULL,
  promoted_by_record  BLOB,
  UNIQUE (organization_id, kid)
) STRICT, WITHOUT ROWID;
-- One key of an algorithm signs for an organization; state 1 is current.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (organization_id, algorithm) WHERE state = 1;

-- ---- people ----

-- guesses: wrong passwords in the window that began at guesses_since, by the count in memory (src/shm/rate_slots.h).
CREATE TABLE users (
  id                BLOB NOT NULL PRIMARY KEY,
  organization_id   BLOB NOT NULL,
  status            INTEGER NOT NULL,
  email             TEXT NOT NULL,
  email_verified    INTEGER NOT NULL,
  password_hash     TEXT NOT NULL,
  unlocked_at       INTEGER NOT NULL,
  session_epoch     INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  created_by_record BLOB NOT NULL,
  guesses           INTEGER NOT NULL,
  guesses_since     INTEGER NOT NULL,
  UNIQUE (organization_id, email)
) STRICT, WITHOUT ROWID;

-- A user of `platform` in the organization that the user administers.
CREATE TABLE memberships (
  user_id           BLOB NOT NULL,
  organization_id   BLOB NOT NULL,
  role              INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  created_by_record BLOB NOT NULL,
  PRIMARY KEY (user_id, organization_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_organization ON memberships (organization_id, role);

-- The key is what GET /api/subscription knows: one lookup.
CREATE TABLE subscriptions (
  user_id            BLOB NOT NULL,
  service_id         BLOB NOT NULL,
  organization_id    BLOB NOT NULL,
  id                 BLOB NOT NULL,
  plan_id            BLOB NOT NULL,
  status             INTEGER NOT NULL,
  current_period_end INTEGER,
  created_at         INTEGER NOT NULL,
  created_by_record  BLOB NOT NULL,
  PRIMARY KEY (user_id, service_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_plan ON subscriptions (organization_id, service_id, plan_id);

-- ---- rows that grow with use ----

-- Dead at expires_at, kept as a tombstone after it. Swept along the key: ids sort by time.
CREATE TABLE device_codes (
  id                 BLOB NOT NULL PRIMARY KEY,
  organization_id    BLOB NOT NULL,
  client_row_id      BLOB NOT NULL,
  service_id         BLOB NOT NULL,
  secret_hash        BLOB NOT NULL,
  state              INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  expires_at         INTEGER NOT NULL,
  user_code          TEXT NOT NULL,
  scope              TEXT NOT NULL,
  issuer             TEXT NOT NULL,
  address            TEXT NOT NULL,
  device_name        TEXT NOT NULL,
  resource           TEXT NOT NULL,
  user_id            BLOB,
  amr                TEXT,
  auth_time          INTEGER,
  decided_at         INTEGER,
  decided_by_record  BLOB,
  session_epoch      INTEGER,
  redeemed_at        INTEGER,
  redeemed_by_record BLOB,
  grant_id           BLOB
) STRICT, WITHOUT ROWID;

-- A grant: what a sign-in of a client issued, the family of its tokens. Dead at expires_at, which is when it was revoked if that came first.
CREATE TABLE grants (
  id                BLOB NOT NULL PRIMARY KEY,
  organization_id   BLOB NOT NULL,
  user_id           BLOB NOT NULL,
  client_row_id     BLOB NOT NULL,
  service_id        BLOB NOT NULL,
  revoked_at        INTEGER,
  revoked_by_record BLOB,
  created_at        INTEGER NOT NULL,
  expires_at        INTEGER NOT NULL,
  scope             TEXT NOT NULL,
  issuer            TEXT NOT NULL,
  amr               TEXT NOT NULL,
  auth_time         INTEGER NOT NULL,
  address           TEXT NOT NULL,
  device_name       TEXT NOT NULL,
  resource          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- The live ones of a user stand together, in the order of their ids.
CREATE INDEX grants_by_user ON grants (organization_id, user_id, revoked_at);
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE access_tokens (
  id              BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  grant_id        BLOB NOT NULL,
  token_hash      BLOB NOT NULL,
  expires_at      INTEGER NOT NULL,
  scope           TEXT NOT NULL,
  resource        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

-- A rotated token stays after its rotation, so that a replay is seen (store/sweeper.h says for how long).
CREATE TABLE refresh_tokens (
  id                BLOB NOT NULL PRIMARY KEY,
  organization_id   BLOB NOT NULL,
  grant_id          BLOB NOT NULL,
  secret_hash       BLOB NOT NULL,
  sequence          INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  expires_at        INTEGER NOT NULL,
  rotated_at        INTEGER,
  rotated_by_record BLOB,
  successor_id      BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- A browser's signed-in session. An ended one stays until expires_at: a create sent again must not revive it.
CREATE TABLE sessions (
  id              BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  user_id         BLOB NOT NULL,
  secret_hash     BLOB NOT NULL,
  ended           INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  amr             TEXT NOT NULL,
  auth_time       INTEGER NOT NULL,
  address         TEXT NOT NULL,
  user_agent      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- The live ones of a user stand together, in the order of their ids.
CREATE INDEX sessions_by_user ON sessions (organization_id, user_id, ended);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- An unused one is good while session_epoch is its user's.
CREATE TABLE password_links (
  id              BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  user_id         BLOB NOT NULL,
  secret_hash     BLOB NOT NULL,
  ended           INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  used_at         INTEGER,
  used_by_record  BLOB,
  session_epoch   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_by_user ON password_links (organization_id, user_id);
CREATE INDEX password_links_by_expiry ON password_links (expires_at);

-- The jti of a client assertion that something was issued for (RFC 7523 §3), until the assertion is over.
CREATE TABLE used_assertions (
  client_row_id   BLOB NOT NULL,
  jti_hash        BLOB NOT NULL,
  organization_id BLOB NOT NULL,
  record_id       BLOB NOT NULL,
  expires_at      INTEGER NOT NULL,
  PRIMARY KEY (client_row_id, jti_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_at);

-- ---- the writer's own ----

-- Records whose rows cannot tell that they were applied (deletes, and what the audit log notes once), for as long
-- as they may be sent again.
CREATE TABLE seen_records (
  record_id       BLOB NOT NULL PRIMARY KEY,
  organization_id BLOB NOT NULL,
  expires_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_records_by_expiry ON seen_records (expires_at);

CREATE TABLE probes (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  record_id BLOB NOT NULL,
  probed_at INTEGER NOT NULL
) STRICT;

-- One row, raised at each start before anything is answered: the directory generations of a start are
-- start_count * 2^32 and above.
CREATE TABLE writer_starts (
  id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  start_count INTEGER NOT NULL,
  started_at  INTEGER NOT NULL
) STRICT;

-- ---- the audit log ----

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

-- ---- the built-in organization (records::kPlatformOrganizationId) ----

INSERT INTO organizations (id, slug, name, status, created_at, updated_at, created_by_record)
VALUES (x'01000000000070008000000000000001', 'platform', 'Platform', 0, unixepoch() * 1000,
        unixepoch() * 1000, x'00000000000000000000000000000000');
INSERT INTO organization_slugs (slug, organization_id)
VALUES ('platform', x'01000000000070008000000000000001');
