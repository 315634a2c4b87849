// Facts about some subjects' attributes, in any order. Each slot: subject_key, attribute, value_key (null for all).
UNWIND $p.slots AS slot
MATCH (f:Fact {namespace: $p.namespace, subject_key: slot.subject_key, attribute: slot.attribute})
WHERE slot.value_key IS NULL OR f.value_key = slot.value_key
RETURN /* include fact */;
