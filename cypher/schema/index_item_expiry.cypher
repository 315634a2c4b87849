// Items of a namespace by their end.
CREATE INDEX item_expiry IF NOT EXISTS
FOR (i:Item) ON (i.namespace, i.expires_at);
