-- What a session that is over left behind (PROTOCOL W11): in this outbox, up to these sequences, it may still author. NULL while
-- nobody has asked.
ALTER TABLE sessions ADD COLUMN left_epoch TEXT;
ALTER TABLE sessions ADD COLUMN left_urgent INTEGER;
ALTER TABLE sessions ADD COLUMN left_normal INTEGER;

-- A device is a stranger until somebody signs in on it or a command of it is applied (T18). `source` says where a stranger came
-- from. What was here before counts as used if it can be that it was: it has sessions, or commands of it were taken.
ALTER TABLE devices ADD COLUMN used_at TEXT;
ALTER TABLE devices ADD COLUMN source TEXT NOT NULL DEFAULT '';
UPDATE devices SET used_at = last_seen
WHERE id IN (SELECT device FROM sessions) OR id IN (SELECT device FROM marks);
CREATE INDEX strangers_by_source ON devices (source, last_seen) WHERE used_at IS NULL;
CREATE INDEX strangers_by_age ON devices (last_seen) WHERE used_at IS NULL;
CREATE INDEX used_devices_by_age ON devices (last_seen) WHERE used_at IS NOT NULL;

-- Who answers for a rejected command that waits for people, and has to make room first: 0 a stranger, 1 a device alone or by its
-- own report, 2 a person; and which. Records of before say only who their author is.
ALTER TABLE records ADD COLUMN holder TEXT GENERATED ALWAYS AS (
  CASE WHEN domain <> 'rejections' THEN NULL
  WHEN record ->> '$.origin' = 'stranger' THEN '0 ' || (record ->> '$.device')
  WHEN record ->> '$.origin' = 'device' OR (record ->> '$.by') GLOB 'device:*' THEN '1 ' || (record ->> '$.device')
  ELSE '2 ' || (record ->> '$.by') END
) VIRTUAL;
CREATE INDEX records_by_holder ON records (channel, holder, "offset") WHERE holder IS NOT NULL;
