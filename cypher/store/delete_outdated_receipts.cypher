// Removes receipts that nobody will ask for any more, of namespaces that share a lock: their writers remove some, too.
/* include lock */
MATCH (old:WriteReceipt)
WHERE old.scope IN $p.scopes AND old.written_at < $p.outdated
DELETE old;
