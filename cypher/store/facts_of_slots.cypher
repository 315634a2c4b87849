// Facts about some subjects' attributes, in any order. Each slot: subject_key, attribute.
UNWIND $p.slots AS slot
MATCH (f:Fact {namespace: $p.namespace, subject_key: slot.subject_key, attribute: slot.attribute})
RETURN /* include fact */;
