-- The first schema on PostgreSQL. Times are ISO 8601 UTC text and documents are JSON text, as on SQLite; text is compared by
-- its bytes. Everything is in the schema `andon`, so that a database may hold other people's tables, too.

CREATE TABLE andon.meta (key TEXT COLLATE "C" PRIMARY KEY, value TEXT NOT NULL);
-- Rows that are locked by who counts what has a bound over many rows.
INSERT INTO andon.meta (key, value) VALUES ('registry', ''), ('reviews', '');

-- One row for each writer of a running server. `commits` counts its groups, each in the transaction of the group: whether a
-- commit without an answer happened is read here.
CREATE TABLE andon.writers (id TEXT COLLATE "C" PRIMARY KEY, commits BIGINT NOT NULL, opened_at TEXT NOT NULL);

CREATE TABLE andon.areas (name TEXT COLLATE "C" PRIMARY KEY);

-- `top` and `top_id` are the last event; `floor` and `floor_id` are the one before the oldest that is still there. `changed` is
-- the transaction that brought the last event: who knows a snapshot sees by it what came since. The rest are kept sums.
CREATE TABLE andon.channels (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  epoch TEXT COLLATE "C" NOT NULL,
  top BIGINT NOT NULL DEFAULT 0,
  top_id TEXT COLLATE "C",
  floor BIGINT NOT NULL DEFAULT 0,
  floor_id TEXT COLLATE "C",
  records BIGINT NOT NULL DEFAULT 0,
  record_bytes BIGINT NOT NULL DEFAULT 0,
  event_bytes BIGINT NOT NULL DEFAULT 0,
  changed XID8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 50);

CREATE TABLE andon.events (
  channel BIGINT NOT NULL REFERENCES andon.channels (id),
  "offset" BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  by TEXT COLLATE "C",
  cause TEXT COLLATE "C",
  data TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (channel, "offset")
);
CREATE INDEX raised_alerts ON andon.events (cause) WHERE type = 'alert.raised';
CREATE INDEX said_messages ON andon.events (cause, id) WHERE type = 'chat.posted' OR type = 'chat.mentioned';

-- `holder`: who answers for a rejected command. `raiser`: the device that raised this alert alone, '0 DEVICE' while nobody ever
-- signed in on it, '1 DEVICE' otherwise.
CREATE TABLE andon.records (
  domain TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  channel BIGINT NOT NULL REFERENCES andon.channels (id),
  "offset" BIGINT NOT NULL,
  record TEXT COLLATE "C" NOT NULL,
  holder TEXT COLLATE "C",
  raiser TEXT COLLATE "C",
  PRIMARY KEY (domain, key)
);
CREATE INDEX records_by_channel ON andon.records (channel, key);
CREATE INDEX records_by_holder ON andon.records (channel, holder, "offset") WHERE holder IS NOT NULL;
CREATE INDEX records_by_raiser ON andon.records (raiser) WHERE raiser IS NOT NULL;

-- A device is a stranger until somebody signs in on it or a command of it is applied: then it has `used_at`.
CREATE TABLE andon.devices (
  id TEXT COLLATE "C" PRIMARY KEY,
  public_key TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  areas TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'revoked')),
  first_seen TEXT COLLATE "C" NOT NULL,
  last_seen TEXT COLLATE "C" NOT NULL,
  used_at TEXT COLLATE "C",
  source TEXT COLLATE "C" NOT NULL,
  link BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX strangers_by_source ON andon.devices (source, last_seen) WHERE used_at IS NULL;
CREATE INDEX strangers_by_age ON andon.devices (last_seen) WHERE used_at IS NULL;
CREATE INDEX used_devices_by_age ON andon.devices (last_seen) WHERE used_at IS NOT NULL;

-- How many devices there are of each kind, in all ('used', 'alone', 'strangers', under the source '') and from one source
-- ('alone-from', 'strangers-from'): kept with each change, never counted.
CREATE TABLE andon.device_sums (
  kind TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (kind, source)
);
CREATE INDEX device_sums_by_count ON andon.device_sums (kind, count);

-- The sequence taken last and its command (NULL where it is not known), and how many results are kept.
CREATE TABLE andon.marks (
  device TEXT COLLATE "C" NOT NULL REFERENCES andon.devices (id),
  epoch TEXT COLLATE "C" NOT NULL,
  lane TEXT COLLATE "C" NOT NULL CHECK (lane IN ('urgent', 'normal')),
  mark BIGINT NOT NULL,
  last TEXT COLLATE "C",
  held BIGINT NOT NULL,
  moved_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (device, epoch, lane)
) WITH (fillfactor = 70);

CREATE TABLE andon.results (
  device TEXT COLLATE "C" NOT NULL,
  epoch TEXT COLLATE "C" NOT NULL,
  lane TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (device, epoch, lane, seq)
);

CREATE TABLE andon.idempotency (
  api_key TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  body_hash TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (api_key, key)
);
CREATE INDEX idempotency_by_time ON andon.idempotency (at);

CREATE TABLE andon.operators (
  id TEXT COLLATE "C" PRIMARY KEY,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
  areas TEXT COLLATE "C" NOT NULL,
  pin_hash TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'inactive'))
);

-- `left_…`: what a session that is over left behind; NULL while nobody has asked.
CREATE TABLE andon.sessions (
  id TEXT COLLATE "C" PRIMARY KEY,
  operator TEXT COLLATE "C" NOT NULL REFERENCES andon.operators (id),
  device TEXT COLLATE "C" NOT NULL REFERENCES andon.devices (id),
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'signed-out', 'expired', 'revoked')),
  created_at TEXT COLLATE "C" NOT NULL,
  expires_at TEXT COLLATE "C" NOT NULL,
  refresh_hash TEXT COLLATE "C" NOT NULL,
  previous_hash TEXT COLLATE "C",
  generation BIGINT NOT NULL,
  left_epoch TEXT COLLATE "C",
  left_urgent BIGINT,
  left_normal BIGINT
);
CREATE INDEX sessions_by_operator ON andon.sessions (operator, id);
CREATE INDEX sessions_by_device ON andon.sessions (device);
CREATE INDEX sessions_by_end ON andon.sessions (expires_at);

CREATE TABLE andon.sign_ins (
  device TEXT COLLATE "C" NOT NULL REFERENCES andon.devices (id) ON DELETE CASCADE,
  operator TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (device, operator)
);

CREATE TABLE andon.api_keys (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL UNIQUE,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('operator', 'supervisor', 'admin')),
  areas TEXT COLLATE "C" NOT NULL
);

CREATE TABLE andon.signing_keys (
  kid TEXT COLLATE "C" PRIMARY KEY,
  jwk TEXT COLLATE "C" NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL
);

-- `place`: of a device on which nobody ever signed in, which of an alert's places for such devices it has, from 1.
CREATE TABLE andon.receipts (
  alert TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  place BIGINT,
  PRIMARY KEY (alert, device, kind)
);
CREATE INDEX receipts_by_place ON andon.receipts (alert, place) WHERE place IS NOT NULL;

CREATE TABLE andon.urgent_passages (
  device TEXT COLLATE "C" PRIMARY KEY REFERENCES andon.devices (id) ON DELETE CASCADE,
  epoch TEXT COLLATE "C" NOT NULL,
  sent BIGINT NOT NULL,
  received BIGINT NOT NULL
) WITH (fillfactor = 70);

-- Ids are given under the lock of the row `reviews`: they count up from 1 without a gap.
CREATE TABLE andon.reviews (
  id BIGINT PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  device TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  UNIQUE (kind, device, detail)
);

CREATE TABLE andon.timers (
  id TEXT COLLATE "C" PRIMARY KEY,
  due TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  data TEXT COLLATE "C" NOT NULL
);
CREATE INDEX timers_by_due ON andon.timers (due);
