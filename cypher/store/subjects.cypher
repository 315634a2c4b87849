// Who or what facts are about: key, name and number of facts, the most first.
MATCH (f:Fact)
USING INDEX f:Fact(namespace, subject_key, attribute)
WHERE f.namespace = $p.namespace AND f.subject_key IS NOT NULL AND f.attribute IS NOT NULL
WITH f ORDER BY f.subject_key, f.known_from, f.fact_id
WITH f.subject_key AS key, head(collect(f.subject)) AS name, count(f) AS facts
RETURN key, name, facts
ORDER BY facts DESC, key;
