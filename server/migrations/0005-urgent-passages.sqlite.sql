-- How far each device is in `alerts/urgent`, as far as evidence of it is kept: what it was sent and received beyond that is
-- derived from the log (P4), also after a restart.
CREATE TABLE urgent_passages (
  device TEXT PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
  epoch TEXT NOT NULL,
  sent INTEGER NOT NULL,
  received INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
