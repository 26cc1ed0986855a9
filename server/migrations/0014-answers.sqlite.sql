-- What answers a message, an alert or an order: whose words are taken back, leaves what quotes it, too (PROTOCOL K2).
CREATE INDEX answers ON events (json_extract(data, '$.reply.id'))
  WHERE type = 'chat.posted' AND json_extract(data, '$.reply.id') IS NOT NULL;
