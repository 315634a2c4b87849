// Facts about one subject or all, and of one attribute or all, by subject, attribute and time; null for all.
CALL () {
  MATCH (f:Fact)
  USING INDEX f:Fact(namespace, subject_key, attribute)
  WHERE f.namespace = $p.namespace AND f.subject_key = $p.subject_key AND f.attribute IS NOT NULL
  RETURN f
  UNION
  MATCH (f:Fact)
  USING INDEX f:Fact(namespace, subject_key, attribute)
  WHERE $p.subject_key IS NULL AND f.namespace = $p.namespace AND f.subject_key IS NOT NULL AND f.attribute IS NOT NULL
  RETURN f
}
WITH f
WHERE $p.attribute IS NULL OR f.attribute = $p.attribute
RETURN /* include fact */
ORDER BY f.subject_key, f.attribute, coalesce(f.valid_from, f.valid_until, f.known_from), f.known_from, f.value_key,
  f.fact_id;
