// What memories say of some subjects' attributes, by arrival. Each slot: subject_key, attribute.
UNWIND $p.slots AS slot
MATCH ()-[r:SAYS_OF]->()
USING INDEX r:SAYS_OF(namespace, subject_key, attribute)
WHERE r.namespace = $p.namespace AND r.subject_key = slot.subject_key AND r.attribute = slot.attribute
/* include stated */;
