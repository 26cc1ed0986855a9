-- Whether there ever was such an alert, asked by each receipt of one that is gone (PROTOCOL E3).
CREATE INDEX raised_alerts ON events (cause) WHERE type = 'alert.raised';
