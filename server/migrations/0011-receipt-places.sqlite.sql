-- Of a device on which nobody ever signed in: which of an alert's places for evidence of such devices it has, from 1 (PROTOCOL E3);
-- NULL for devices of people, and for what was kept before.
ALTER TABLE receipts ADD COLUMN place INTEGER;
CREATE INDEX receipts_by_place ON receipts (alert, place) WHERE place IS NOT NULL;
