// Removes a setting. Returns how many there were.
MATCH (s:Setting {namespace: $p.namespace, key: $p.key})
DELETE s
RETURN count(*) AS settings;
