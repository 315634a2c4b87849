-- Version 3: words are found however they are written, also where nothing parts them.

-- What the full-text index holds instead of the content; NULL where that is the content itself.
ALTER TABLE memories ADD COLUMN search_text TEXT;

DROP TRIGGER memory_text_insert;
DROP TRIGGER memory_text_delete;
DROP TRIGGER memory_text_update;
DROP TABLE memory_text;

UPDATE memories SET
    search_text = search_text_of(content),
    word_count = word_count_of(content, speaker),
    is_question = is_question_of(content, speaker)
WHERE length(content) < length(CAST(content AS BLOB));

CREATE VIEW searchable_texts AS SELECT id, coalesce(search_text, content) AS content, scope FROM memories;

-- Marks are parts of words, as those of Hindi and Thai make syllables.
CREATE VIRTUAL TABLE memory_text USING fts5 (
    content, scope, content = 'searchable_texts', content_rowid = 'id',
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
INSERT INTO memory_text (memory_text, rank) VALUES ('rank', 'bm25(1.0, 0.0)');
INSERT INTO memory_text (memory_text) VALUES ('rebuild');

CREATE TRIGGER memory_text_insert AFTER INSERT ON memories BEGIN
    INSERT INTO memory_text (rowid, content, scope)
    VALUES (new.id, coalesce(new.search_text, new.content), new.scope);
END;
CREATE TRIGGER memory_text_delete AFTER DELETE ON memories BEGIN
    INSERT INTO memory_text (memory_text, rowid, content, scope)
    VALUES ('delete', old.id, coalesce(old.search_text, old.content), old.scope);
END;
CREATE TRIGGER memory_text_update AFTER UPDATE OF content, search_text, expires_at, archived_at ON memories BEGIN
    INSERT INTO memory_text (memory_text, rowid, content, scope)
    VALUES ('delete', old.id, coalesce(old.search_text, old.content), old.scope);
    INSERT INTO memory_text (rowid, content, scope)
    VALUES (new.id, coalesce(new.search_text, new.content), new.scope);
END;
