// Settings of a namespace whose keys begin so, by key.
MATCH (s:Setting)
USING INDEX s:Setting(namespace, key)
WHERE s.namespace = $p.namespace AND s.key STARTS WITH $p.prefix
RETURN s.key AS key, s.value AS value ORDER BY key;
