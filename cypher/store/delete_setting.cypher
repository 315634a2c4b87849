// Removes a setting.
MATCH (s:Setting {namespace: $p.namespace, key: $p.key})
DELETE s;
