-- When a device was last heard in an area (PROTOCOL M12): after a start of the server the roster names who is silent by it.
-- `alone`: nobody ever signed in on it by then.
CREATE TABLE last_heard (
  device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  area TEXT NOT NULL,
  alone INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (device, area)
) STRICT, WITHOUT ROWID;
CREATE INDEX last_heard_by_area ON last_heard (area, alone, at);
