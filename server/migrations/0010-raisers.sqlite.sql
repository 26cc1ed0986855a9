-- The device that raised this alert alone (T21): '0 DEVICE' while nobody ever signed in on it, '1 DEVICE' otherwise; NULL where a
-- person, a program or the system did, and for what was raised before.
ALTER TABLE records ADD COLUMN raiser TEXT;
CREATE INDEX records_by_raiser ON records (raiser) WHERE raiser IS NOT NULL;
