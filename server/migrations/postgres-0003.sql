-- How often PINs were wrong, by the keys of the rule (`server/core/pin-limiter.ts`): `level` at the time `at`, fading since.
-- `until`: for each one that is under way, until when it may be decided. `gone_at`: from then on the row says nothing.
-- Times are epoch milliseconds.

CREATE TABLE andon.pin_counts (
  kind TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  level DOUBLE PRECISION NOT NULL,
  at BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  until BIGINT[] NOT NULL,
  gone_at BIGINT NOT NULL,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);
CREATE INDEX pin_counts_by_end ON andon.pin_counts (gone_at);
CREATE INDEX pin_counts_by_time ON andon.pin_counts (kind, at);
