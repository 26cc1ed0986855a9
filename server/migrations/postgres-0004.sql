-- When a device was last heard in an area (PROTOCOL M12): after a start of the server the roster names who is silent by it.
-- `alone`: nobody ever signed in on it by then.
CREATE TABLE andon.last_heard (
  device TEXT COLLATE "C" NOT NULL REFERENCES andon.devices (id) ON DELETE CASCADE,
  area TEXT COLLATE "C" NOT NULL,
  alone BOOLEAN NOT NULL,
  at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (device, area)
) WITH (fillfactor = 70);
CREATE INDEX last_heard_by_area ON andon.last_heard (area, alone, at);
