-- The number of a device's last link (PROTOCOL N11): what an older one still brings is dropped.
ALTER TABLE devices ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
