-- Commands that the site gives at a time by itself. A row goes in the transaction of its command.
CREATE TABLE timers (
  id TEXT PRIMARY KEY,
  due TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (due);
