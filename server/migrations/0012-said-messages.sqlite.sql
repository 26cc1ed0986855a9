-- A message by the command that made it, and who was told of it: what is answered, read and taken back (PROTOCOL K1, K2, K4).
CREATE INDEX said_messages ON events (cause, id) WHERE type = 'chat.posted' OR type = 'chat.mentioned';
