-- Version 1 of the embedded store's file.
--
-- A memory's `scope` names its namespace while it is live and long-term, and is NULL otherwise. Every index
-- a search uses starts with it, so that neither other namespaces nor archived memories are ever looked at.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE namespaces (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: caches are keyed by it
    name            TEXT NOT NULL UNIQUE,
    live_count      INTEGER NOT NULL DEFAULT 0,
    vector_revision INTEGER NOT NULL DEFAULT 0,          -- grows with every change of the searchable vectors
    vector_floor    INTEGER NOT NULL DEFAULT 0           -- readers that are older have to load all of them again
) STRICT;

CREATE TABLE memories (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,   -- order of arrival, never used twice
    namespace_id        INTEGER NOT NULL REFERENCES namespaces (id),
    memory_id           TEXT NOT NULL,
    content             TEXT NOT NULL,
    memory_type         TEXT NOT NULL,
    timestamp           REAL NOT NULL,
    importance_score    REAL NOT NULL,
    access_count        INTEGER NOT NULL DEFAULT 0,
    last_accessed       REAL,
    metadata            TEXT NOT NULL,                       -- a JSON object
    conversation_id     TEXT,
    created_at          REAL NOT NULL,
    updated_at          REAL,
    reinforcement_count INTEGER NOT NULL DEFAULT 0,
    expires_at          REAL,
    archived_at         REAL,
    dedup_key           TEXT,
    speaker             TEXT,
    word_count          INTEGER NOT NULL,
    is_question         INTEGER NOT NULL,
    scope               TEXT GENERATED ALWAYS AS (
        CASE WHEN expires_at IS NULL AND archived_at IS NULL THEN 'ns' || namespace_id END
    ) VIRTUAL,
    UNIQUE (namespace_id, memory_id)
) STRICT;

CREATE UNIQUE INDEX memories_by_dedup ON memories (scope, dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX memories_by_time ON memories (scope, timestamp);
CREATE INDEX memories_by_weakness ON memories (scope, importance_score, coalesce(last_accessed, created_at));
CREATE INDEX memories_by_conversation ON memories (namespace_id, conversation_id, scope, timestamp)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX memories_by_expiry ON memories (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX memories_by_archiving ON memories (namespace_id, archived_at) WHERE archived_at IS NOT NULL;

CREATE TABLE entities (
    id            INTEGER PRIMARY KEY,
    namespace_id  INTEGER NOT NULL REFERENCES namespaces (id),
    key           TEXT NOT NULL,
    name          TEXT NOT NULL,
    label         TEXT NOT NULL,
    mention_count INTEGER NOT NULL DEFAULT 0,                -- by live long-term memories
    UNIQUE (namespace_id, key)
) STRICT;

-- `timestamp` and `live` repeat what the memory says, so that the newest memories of an entity come off the index.
CREATE TABLE mentions (
    memory    INTEGER NOT NULL REFERENCES memories (id),
    entity    INTEGER NOT NULL REFERENCES entities (id),
    name      TEXT NOT NULL,
    label     TEXT NOT NULL,
    timestamp REAL NOT NULL,
    live      INTEGER NOT NULL,
    PRIMARY KEY (memory, entity)
) STRICT, WITHOUT ROWID;

CREATE INDEX mentions_by_entity ON mentions (entity, live, timestamp DESC);

-- A vector of half or single precision, told apart by its length; NULL where the vector itself lives elsewhere.
CREATE TABLE vectors (
    memory       INTEGER PRIMARY KEY REFERENCES memories (id),
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    live         INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    data         BLOB
) STRICT;

CREATE INDEX vectors_by_revision ON vectors (namespace_id, revision);

CREATE TABLE removed_vectors (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    revision     INTEGER NOT NULL,
    memory       INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, revision, memory)
) STRICT, WITHOUT ROWID;

-- Vectors of the model a re-embedding is changing to, until all memories have one.
CREATE TABLE staged_vectors (
    memory INTEGER PRIMARY KEY REFERENCES memories (id),
    data   BLOB NOT NULL
) STRICT;

-- Changes that a vector store outside this file has yet to hear of.
CREATE TABLE vector_outbox (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    op     TEXT NOT NULL CHECK (op IN ('put', 'scope', 'drop', 'reset')),
    memory INTEGER,
    data   BLOB
) STRICT;

CREATE VIRTUAL TABLE memory_text USING fts5 (
    content, scope,
    content = 'memories', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO memory_text (memory_text, rank) VALUES ('rank', 'bm25(1.0, 0.0)');

CREATE TRIGGER memory_text_insert AFTER INSERT ON memories BEGIN
    INSERT INTO memory_text (rowid, content, scope) VALUES (new.id, new.content, new.scope);
END;
CREATE TRIGGER memory_text_delete AFTER DELETE ON memories BEGIN
    INSERT INTO memory_text (memory_text, rowid, content, scope) VALUES ('delete', old.id, old.content, old.scope);
END;
CREATE TRIGGER memory_text_update AFTER UPDATE OF content, expires_at, archived_at ON memories BEGIN
    INSERT INTO memory_text (memory_text, rowid, content, scope) VALUES ('delete', old.id, old.content, old.scope);
    INSERT INTO memory_text (rowid, content, scope) VALUES (new.id, new.content, new.scope);
END;
