// How many memories the full-text index holds of a namespace. $query is a Lucene query for its scope.
CALL db.index.fulltext.queryNodes('memory_text', $p.query) YIELD node
RETURN count(node) AS text_rows;
