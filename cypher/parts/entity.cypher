// Part: the columns in which statements return an entity e.
e.key AS key, e.name AS name, e.label AS label, e.mention_count AS mention_count
