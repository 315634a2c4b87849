// Keeps decay factors. Each row: a list of memory id and factor. Returns how many were kept.
UNWIND $p.rows AS row
MATCH (m:Memory {namespace: $p.namespace, memory_id: row[0]})
SET m.decay_factor = row[1]
RETURN count(m) AS kept;
