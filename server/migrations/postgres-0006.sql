-- What answers a message, an alert or an order: whose words are taken back, leaves what quotes it, too (PROTOCOL K2). `data` is
-- JSON as the server writes it, in which a quote within a text is escaped.
CREATE INDEX answers ON andon.events (substring(data from '"reply":{"to":"[a-z]+","id":"([0-9a-f-]+)"'))
  WHERE type = 'chat.posted' AND data LIKE '%"reply":{"to":"%';
