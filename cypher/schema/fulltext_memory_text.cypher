// Full text of memories, stemmed. The scope is the second field, so that a query can require its own namespace, and the
// third one holds what filters ask for.
CREATE FULLTEXT INDEX memory_text IF NOT EXISTS
FOR (m:Memory) ON EACH [m.search_text, m.scope, m.value_keys]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'english', `fulltext.eventually_consistent`: false}};
