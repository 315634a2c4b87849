-- Version 11: memories are found by their title, and it is known which memories the last changes of a namespace were
-- of, so that what a filter selects follows them.

CREATE INDEX mentions_by_title ON mentions (entity) WHERE label = 'TITLE';

-- The thousand last ones; a change of a namespace that is of no memory leaves no row.
CREATE TABLE changed_memories (
    namespace_id INTEGER NOT NULL,
    change       INTEGER NOT NULL,                               -- `changes` of the namespace right after it
    memory       INTEGER NOT NULL,                               -- may be gone by now
    PRIMARY KEY (namespace_id, change)
) STRICT, WITHOUT ROWID;

DROP TRIGGER changes_insert;
DROP TRIGGER changes_delete;
DROP TRIGGER changes_update;

-- Recalls and decay name other columns.
CREATE TRIGGER changes_insert AFTER INSERT ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
    INSERT INTO changed_memories SELECT id, changes, new.id FROM namespaces WHERE id = new.namespace_id;
    DELETE FROM changed_memories WHERE namespace_id = new.namespace_id
        AND change <= (SELECT changes - 1000 FROM namespaces WHERE id = new.namespace_id);
END;
CREATE TRIGGER changes_delete AFTER DELETE ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = old.namespace_id;
    INSERT INTO changed_memories SELECT id, changes, old.id FROM namespaces WHERE id = old.namespace_id;
    DELETE FROM changed_memories WHERE namespace_id = old.namespace_id
        AND change <= (SELECT changes - 1000 FROM namespaces WHERE id = old.namespace_id);
END;
CREATE TRIGGER changes_update
AFTER UPDATE OF content, metadata, importance_score, updated_at, expires_at, archived_at ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
    INSERT INTO changed_memories SELECT id, changes, new.id FROM namespaces WHERE id = new.namespace_id;
    DELETE FROM changed_memories WHERE namespace_id = new.namespace_id
        AND change <= (SELECT changes - 1000 FROM namespaces WHERE id = new.namespace_id);
END;
