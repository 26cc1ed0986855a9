-- The first schema. Times are ISO 8601 UTC text, documents are JSON text.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE areas (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- One row per channel that was ever read or written. `top` and `top_id` are the last event; `floor` and `floor_id` are the
-- one before the oldest that is still there: a cursor that stands on it has missed nothing.
CREATE TABLE channels (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  top INTEGER NOT NULL DEFAULT 0,
  top_id TEXT,
  floor INTEGER NOT NULL DEFAULT 0,
  floor_id TEXT
) STRICT;

CREATE TABLE events (
  channel INTEGER NOT NULL REFERENCES channels (id),
  "offset" INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  at TEXT NOT NULL,
  by TEXT,
  cause TEXT,
  data TEXT NOT NULL,
  PRIMARY KEY (channel, "offset")
) STRICT, WITHOUT ROWID;

-- A record lives in one channel of its domain at a time; (domain, key) finds it wherever that is.
CREATE TABLE records (
  domain TEXT NOT NULL,
  key TEXT NOT NULL,
  channel INTEGER NOT NULL REFERENCES channels (id),
  "offset" INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (domain, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_channel ON records (channel, key);

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  name TEXT NOT NULL,
  areas TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'revoked')),
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Per device, outbox epoch and lane: the sequence taken last, and its command.
CREATE TABLE marks (
  device TEXT NOT NULL REFERENCES devices (id),
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL CHECK (lane IN ('urgent', 'normal')),
  mark INTEGER NOT NULL,
  moved_at TEXT NOT NULL,
  PRIMARY KEY (device, epoch, lane)
) STRICT, WITHOUT ROWID;

-- The end of every command whose device has not confirmed it yet.
CREATE TABLE results (
  device TEXT NOT NULL,
  epoch TEXT NOT NULL,
  lane TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (device, epoch, lane, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  api_key TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  outcome TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (api_key, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (at);

CREATE TABLE operators (
  id TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
  areas TEXT NOT NULL,
  pin_hash TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'inactive'))
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  operator TEXT NOT NULL REFERENCES operators (id),
  device TEXT NOT NULL REFERENCES devices (id),
  status TEXT NOT NULL CHECK (status IN ('active', 'signed-out', 'expired', 'revoked')),
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  refresh_hash TEXT NOT NULL,
  previous_hash TEXT,
  generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
  areas TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, created_at TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Evidence (P4): the first time each kind was true of an alert on a device.
CREATE TABLE receipts (
  alert TEXT NOT NULL,
  device TEXT NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (alert, device, kind)
) STRICT, WITHOUT ROWID;

-- What a supervisor should look at: ranges that were skipped, outboxes that forked. One row per occasion.
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  device TEXT NOT NULL,
  detail TEXT NOT NULL,
  at TEXT NOT NULL,
  UNIQUE (kind, device, detail)
) STRICT;
