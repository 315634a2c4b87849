// Removes receipts that nobody will ask for any more, of all namespaces.
MATCH (old:WriteReceipt)
WHERE old.scope IS NOT NULL AND old.written_at < $p.outdated
DELETE old;
