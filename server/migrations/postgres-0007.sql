-- Which run of a relay its device's last greeting was of, and its how manieth: one that was on its way for longer comes too late,
-- by whichever node (PROTOCOL N12). JSON; null of a greeting that named none.
ALTER TABLE andon.devices ADD COLUMN run TEXT COLLATE "C";
