// Keeps a setting; its value is JSON.
MERGE (s:Setting {namespace: $p.namespace, key: $p.key})
SET s.value = $p.value;
