// What memories say of one subject or all whose keys begin with $p.beginning, and of one attribute or all, by arrival;
// null for all.
CALL () {
  MATCH ()-[r:SAYS_OF]->()
  USING INDEX r:SAYS_OF(namespace, subject_key, attribute)
  WHERE r.namespace = $p.namespace AND r.subject_key = $p.subject_key AND r.attribute IS NOT NULL
  RETURN r
  UNION
  MATCH ()-[r:SAYS_OF]->()
  USING INDEX r:SAYS_OF(namespace, subject_key, attribute)
  WHERE $p.subject_key IS NULL AND r.namespace = $p.namespace AND r.subject_key STARTS WITH $p.beginning
    AND r.attribute IS NOT NULL
  RETURN r
}
WITH r
WHERE $p.attribute IS NULL OR r.attribute = $p.attribute
/* include stated */;
