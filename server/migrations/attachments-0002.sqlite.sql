-- Whose message it is that names a content, and how many bytes that is: one person may have a share of everything. What was named
-- before says neither, so the messages of the store are read once more; nothing that is kept goes before that.
DROP TABLE names;
CREATE TABLE names (id TEXT NOT NULL, hash TEXT NOT NULL, by TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (id, hash)) WITHOUT ROWID;
CREATE INDEX names_by_hash ON names (hash);
-- The sums of them.
CREATE TABLE people (by TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER name_put AFTER INSERT ON names BEGIN
  INSERT INTO people (by, bytes) VALUES (new.by, new.bytes) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER name_dropped AFTER DELETE ON names BEGIN
  UPDATE people SET bytes = bytes - old.bytes WHERE by = old.by;
  DELETE FROM people WHERE by = old.by AND bytes = 0;
END;
DELETE FROM meta WHERE key = 'whole';
