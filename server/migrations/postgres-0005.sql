-- What every node has to hear of soon, and no channel says: a device that greeted, a session that ended otherwise than by a
-- command, an operator that changed. Read by snapshot, as `channels.changed` is, and kept for minutes only.

CREATE TABLE andon.floor_news (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tx XID8 NOT NULL DEFAULT pg_current_xact_id(),
  at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('greeted', 'session', 'operator')),
  about TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL
);
CREATE INDEX floor_news_by_transaction ON andon.floor_news (tx);
CREATE INDEX floor_news_by_time ON andon.floor_news (at);
