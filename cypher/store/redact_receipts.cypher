// Takes names that are gone out of what earlier writes of a namespace answered. Each token is a name as JSON writes it.
MATCH (r:WriteReceipt)
WHERE r.scope = $p.scope AND r.written_at IS NOT NULL AND any(token IN $p.tokens WHERE r.answer CONTAINS token)
SET r.answer = reduce(answer = r.answer, token IN $p.tokens | replace(answer, token, '""'));
