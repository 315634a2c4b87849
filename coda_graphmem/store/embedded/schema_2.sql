-- Version 2: decay, links between memories, merges that can be undone, and what maintenance remembers.

-- Grows with every change, see the triggers.
ALTER TABLE namespaces ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

-- In no index, as it is written for all memories at once.
ALTER TABLE memories ADD COLUMN decay_factor REAL;
-- What an original was merged into, by its memory_id, so that either may arrive first, and by which run.
ALTER TABLE memories ADD COLUMN consolidated_into TEXT;
ALTER TABLE memories ADD COLUMN run_id TEXT;
ALTER TABLE memories ADD COLUMN promoted_at REAL;
ALTER TABLE memories ADD COLUMN touched_at REAL GENERATED ALWAYS AS (
    max(created_at, coalesce(updated_at, created_at), coalesce(promoted_at, created_at))
) VIRTUAL;

CREATE INDEX memories_by_touch ON memories (scope, touched_at) WHERE scope IS NOT NULL;
-- Its rows are in order of arrival within a scope.
CREATE INDEX memories_by_arrival ON memories (scope) WHERE scope IS NOT NULL;
CREATE INDEX memories_by_speaker ON memories (scope, speaker) WHERE speaker IS NOT NULL;
CREATE INDEX memories_by_merge ON memories (namespace_id, consolidated_into) WHERE consolidated_into IS NOT NULL;
CREATE INDEX memories_by_run ON memories (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE memory_links (
    source     INTEGER NOT NULL REFERENCES memories (id),
    kind       TEXT NOT NULL,
    target     INTEGER NOT NULL REFERENCES memories (id),
    score      REAL NOT NULL,
    guard      TEXT,
    reason     TEXT,
    created_at REAL NOT NULL,
    run_id     TEXT,
    PRIMARY KEY (source, kind, target)
) STRICT, WITHOUT ROWID;

CREATE INDEX memory_links_by_target ON memory_links (target, kind);
CREATE INDEX memory_links_by_run ON memory_links (run_id) WHERE run_id IS NOT NULL;

-- Runs name their namespace, as there are runs over one that holds nothing.
CREATE TABLE runs (
    run_id      TEXT PRIMARY KEY,
    job         TEXT NOT NULL,
    namespace   TEXT,                                                    -- NULL for a run over all of them
    holder      TEXT NOT NULL,
    started_at  REAL NOT NULL,
    finished_at REAL,
    status      TEXT NOT NULL,
    changed     INTEGER NOT NULL,
    summary     TEXT NOT NULL,                                           -- a JSON object
    error       TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_time ON runs (started_at);
CREATE INDEX runs_by_job ON runs (job, started_at);
CREATE INDEX runs_by_namespace ON runs (namespace, started_at) WHERE namespace IS NOT NULL;

CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at REAL NOT NULL                                             -- by the clock of this machine
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,                                          -- a JSON object
    PRIMARY KEY (namespace_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE retrieval_totals (
    namespace_id INTEGER PRIMARY KEY REFERENCES namespaces (id),
    retrievals   INTEGER NOT NULL,
    empty        INTEGER NOT NULL,
    results      INTEGER NOT NULL,
    relevance    REAL NOT NULL,
    scored       INTEGER NOT NULL,
    seconds      REAL NOT NULL,
    last_at      REAL
) STRICT;

-- Every change counts, also one by a process that knows only version 1. Recalls and decay name other columns.
CREATE TRIGGER changes_insert AFTER INSERT ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
END;
CREATE TRIGGER changes_delete AFTER DELETE ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = old.namespace_id;
END;
CREATE TRIGGER changes_update
AFTER UPDATE OF content, metadata, importance_score, updated_at, expires_at, archived_at ON memories BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
END;
CREATE TRIGGER changes_link AFTER INSERT ON memory_links BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = (SELECT namespace_id FROM memories WHERE id = new.source);
END;
CREATE TRIGGER changes_unlink AFTER DELETE ON memory_links BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = (SELECT namespace_id FROM memories WHERE id = old.source);
END;
CREATE TRIGGER changes_set AFTER INSERT ON settings BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
END;
CREATE TRIGGER changes_reset AFTER UPDATE ON settings BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = new.namespace_id;
END;
CREATE TRIGGER changes_unset AFTER DELETE ON settings BEGIN
    UPDATE namespaces SET changes = changes + 1 WHERE id = old.namespace_id;
END;

-- Version 1 counted no changes.
UPDATE namespaces SET changes = 1 WHERE EXISTS (SELECT 1 FROM memories WHERE namespace_id = namespaces.id);
