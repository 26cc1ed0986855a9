CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How far each channel is indexed.
CREATE TABLE cursors (
  channel TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  offset INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Things of one area that one channel's readers may find; how many there are, and how many bytes their texts have.
CREATE TABLE scopes (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  area TEXT NOT NULL,
  items INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, area)
) STRICT;

-- Ids are made of the time, so the newest has the largest.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  scope INTEGER NOT NULL REFERENCES scopes (id),
  offset INTEGER NOT NULL,
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  number TEXT,
  standing INTEGER NOT NULL,
  UNIQUE (kind, key)
) STRICT;
CREATE INDEX items_scope ON items (scope, id);
CREATE INDEX items_number ON items (number) WHERE number IS NOT NULL;

-- Each row: the pieces of words of one thing and the name of its scope, apart by spaces. `ascii` takes every other character
-- as it is, and `detail=none` keeps only in which things a piece is.
CREATE VIRTUAL TABLE grams USING fts5(pieces, content='', detail=none, tokenize='ascii');
