// What memories say of some subjects' attributes, by arrival. Each slot: subject_key, attribute, value_key (null for
// all); with one value comes what is said of the attribute as a whole.
UNWIND $p.slots AS slot
MATCH ()-[r:SAYS_OF]->()
USING INDEX r:SAYS_OF(namespace, subject_key, attribute)
WHERE r.namespace = $p.namespace AND r.subject_key = slot.subject_key AND r.attribute = slot.attribute
  AND (slot.value_key IS NULL OR r.value_key IN [slot.value_key, ''])
WITH DISTINCT r
/* include stated */;
