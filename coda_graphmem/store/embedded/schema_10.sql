-- Version 10: passages of long memories, which are found by vectors of their own.

-- Derived from `memories`: those of older ones are made by the job `passages`. Positions count characters of the content.
CREATE TABLE passages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: what is in memory is told apart by it
    memory       INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    first        INTEGER NOT NULL,
    last         INTEGER NOT NULL,                    -- behind the last character
    data         BLOB NOT NULL                        -- as in `vectors`
) STRICT;

CREATE INDEX passages_by_memory ON passages (memory);
CREATE INDEX passages_by_namespace ON passages (namespace_id, id);

-- Grows with every change of them; 0 where there never were any.
ALTER TABLE namespaces ADD COLUMN passage_changes INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER passages_insert AFTER INSERT ON passages BEGIN
    UPDATE namespaces SET passage_changes = passage_changes + 1 WHERE id = new.namespace_id;
END;
CREATE TRIGGER passages_delete AFTER DELETE ON passages BEGIN
    UPDATE namespaces SET passage_changes = passage_changes + 1 WHERE id = old.namespace_id;
END;
CREATE TRIGGER passages_outdated AFTER UPDATE OF content ON memories WHEN new.content IS NOT old.content BEGIN
    DELETE FROM passages WHERE memory = new.id;
END;

-- What is to have passages (`coda_graphmem.language.excerpts.LONG`).
CREATE INDEX memories_long ON memories (namespace_id, id) WHERE speaker IS NULL AND length(content) > 1200;
