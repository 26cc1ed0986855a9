-- What a channel holds, kept with every write: nobody counts or adds up rows to learn it. `records` and `record_bytes` are
-- those of its records, `event_bytes` those of `data` of the events that are still there; bytes of UTF-8.
ALTER TABLE channels ADD COLUMN records INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN record_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN event_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE channels SET
  records = (SELECT COUNT(*) FROM records WHERE channel = channels.id),
  record_bytes = (SELECT COALESCE(SUM(octet_length(record)), 0) FROM records WHERE channel = channels.id),
  event_bytes = (SELECT COALESCE(SUM(octet_length(data)), 0) FROM events WHERE channel = channels.id);
-- Which record of a channel was set first; without it each rejected command of a full list sorts the whole list.
CREATE INDEX records_by_offset ON records (channel, "offset");
-- Whose sessions these are: a sign-out everywhere asks, and whatever takes a device or a person away.
CREATE INDEX sessions_by_operator ON sessions (operator);
CREATE INDEX sessions_by_device ON sessions (device);
-- Reviews of one device, oldest first.
CREATE INDEX reviews_by_device ON reviews (device);
