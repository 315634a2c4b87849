// Part: what a search tells of a memory m after its id and similarity: values of a list, in the order of Candidate.
left(m.content, $p.excerpt), m.epoch, m.importance_score, m.created_at, /* include uses */,
m.last_accessed, m.memory_type, m.conversation_id, m.speaker, m.word_count, m.is_question
