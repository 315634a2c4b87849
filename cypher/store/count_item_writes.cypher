// Counts that items of a namespace were written.
MATCH (n:Namespace {name: $p.namespace})
SET n.item_revision = coalesce(n.item_revision, timestamp()) + 1;
