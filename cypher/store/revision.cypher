// The number of a namespace's last change; 0 where there was none yet.
MATCH (n:Namespace {name: $p.namespace})
RETURN coalesce(n.revision, n.arrivals, 0) AS revision;
