-- The past of signals, in a file of its own. Times are epoch milliseconds.

CREATE TABLE signals (
  id INTEGER PRIMARY KEY,
  area TEXT NOT NULL,
  machine TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  UNIQUE (area, machine, name)
) STRICT;

-- Single measurements. The same time again is the same measurement.
CREATE TABLE samples (
  signal INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (signal, at)
) STRICT, WITHOUT ROWID;

-- What the measurements of an interval amount to; `at` is its start.
CREATE TABLE buckets (
  signal INTEGER NOT NULL,
  resolution INTEGER NOT NULL,
  at INTEGER NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  sum REAL NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (signal, resolution, at)
) STRICT, WITHOUT ROWID;

-- Answers to requests under an Idempotency-Key.
CREATE TABLE answers (
  api_key TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (api_key, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_time ON answers (at);
