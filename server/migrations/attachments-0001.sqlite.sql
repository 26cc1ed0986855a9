-- What is kept of photos and files, and which messages name it. Made anew from the folder and the store where it is missing.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- bytes: with the small one of a photo. at: since when it is kept, epoch milliseconds; 0 for what may go at once.
CREATE TABLE contents (hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX contents_by_age ON contents (at);
CREATE TABLE names (id TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (id, hash)) WITHOUT ROWID;
CREATE INDEX names_by_hash ON names (hash);
