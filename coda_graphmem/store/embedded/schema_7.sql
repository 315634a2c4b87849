-- Version 7: whose memories are inside a namespace, tags, an end for long-term memories, and values to filter by.

ALTER TABLE memories ADD COLUMN user_id TEXT;
ALTER TABLE memories ADD COLUMN agent_id TEXT;
ALTER TABLE memories ADD COLUMN session_id TEXT;
-- A JSON list; NULL for none.
ALTER TABLE memories ADD COLUMN tags TEXT;
-- When a long-term memory ends; `expires_at` is for short-term ones.
ALTER TABLE memories ADD COLUMN ends_at REAL;
-- How far each recall puts off its end.
ALTER TABLE memories ADD COLUMN refresh_seconds REAL;

CREATE INDEX memories_by_user ON memories (scope, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX memories_by_agent ON memories (scope, agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX memories_by_session ON memories (scope, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX memories_by_end ON memories (namespace_id, ends_at) WHERE ends_at IS NOT NULL;

-- What metadata and tags hold, by place, so that filters come off an index. `kind` says how `value` is compared: 0 null,
-- 1 boolean, 2 number (as a text that sorts as it does), 3 text, 4 list or object. Derived from `memories` by the triggers
-- below.
CREATE TABLE memory_values (
    namespace_id INTEGER NOT NULL,
    path         TEXT NOT NULL,
    kind         INTEGER NOT NULL,
    value        ANY NOT NULL,
    memory       INTEGER NOT NULL REFERENCES memories (id),
    is_item      INTEGER NOT NULL,                               -- of a list
    PRIMARY KEY (namespace_id, path, kind, value, memory, is_item)
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_values_by_memory ON memory_values (memory);

INSERT INTO memory_values (memory, namespace_id, path, kind, value, is_item)
SELECT m.id, m.namespace_id, json_extract(v.value, '$[0]'), json_extract(v.value, '$[1]'),
    json_extract(v.value, '$[2]'), json_extract(v.value, '$[3]')
FROM memories AS m JOIN json_each(memory_values_of(m.metadata, m.tags)) AS v WHERE m.metadata <> '{}';

CREATE TRIGGER memory_values_insert AFTER INSERT ON memories WHEN new.metadata <> '{}' OR new.tags IS NOT NULL BEGIN
    INSERT INTO memory_values (memory, namespace_id, path, kind, value, is_item)
    SELECT new.id, new.namespace_id, json_extract(v.value, '$[0]'), json_extract(v.value, '$[1]'),
        json_extract(v.value, '$[2]'), json_extract(v.value, '$[3]')
    FROM json_each(memory_values_of(new.metadata, new.tags)) AS v;
END;
CREATE TRIGGER memory_values_delete BEFORE DELETE ON memories BEGIN
    DELETE FROM memory_values WHERE memory = old.id;
END;
CREATE TRIGGER memory_values_update AFTER UPDATE OF metadata, tags ON memories
WHEN old.metadata IS NOT new.metadata OR old.tags IS NOT new.tags BEGIN
    DELETE FROM memory_values WHERE memory = old.id;
    INSERT INTO memory_values (memory, namespace_id, path, kind, value, is_item)
    SELECT new.id, new.namespace_id, json_extract(v.value, '$[0]'), json_extract(v.value, '$[1]'),
        json_extract(v.value, '$[2]'), json_extract(v.value, '$[3]')
    FROM json_each(memory_values_of(new.metadata, new.tags)) AS v;
END;
