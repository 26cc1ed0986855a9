-- The command at the mark: what is sent behind another one does not continue this outbox. NULL where it is not known.
ALTER TABLE marks ADD COLUMN last TEXT;
