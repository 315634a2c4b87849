// Scopes that have receipts nobody will ask for any more, those of forgotten namespaces among them.
MATCH (old:WriteReceipt)
WHERE old.scope IS NOT NULL AND old.written_at < $p.outdated
RETURN DISTINCT old.scope AS scope;
