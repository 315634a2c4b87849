// Puts off the end of items by their positions, as far as each is kept without being read.
UNWIND $p.positions AS position
MATCH (i:Item {namespace: $p.namespace, position: position})
WHERE i.expires_at > $p.now AND i.expires_at < $p.now + i.ttl
SET i.expires_at = $p.now + i.ttl;
