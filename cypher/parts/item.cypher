// Part: the columns in which statements return an item i.
i.path AS path, i.key AS key, i.value AS value, i.ttl AS ttl, i.fields AS fields, i.texts AS texts,
  i.embedder AS embedder, i.created_at AS created_at, i.updated_at AS updated_at, i.expires_at AS expires_at,
  i.position AS position
