-- Version 6: what memories say as statements, the facts these make together, and how memories were before.

-- When it was said again.
ALTER TABLE memories ADD COLUMN last_said_at REAL;
ALTER TABLE memories ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- What somebody said of it by hand.
ALTER TABLE memories ADD COLUMN standing TEXT;
ALTER TABLE memories ADD COLUMN standing_at REAL;
-- By hand, as consolidated_into by its memory_id.
ALTER TABLE memories ADD COLUMN replaced_by TEXT;
-- Whether its statements are to be read; NULL where nobody has looked at it since there are statements.
ALTER TABLE memories ADD COLUMN to_read INTEGER;
-- Whether a merged memory was changed since, so that it does not say any more what its originals say.
ALTER TABLE memories ADD COLUMN own_words INTEGER;

-- What settling found of what it says: how much of it is over, since when, by whom, known since when, and why.
ALTER TABLE memories ADD COLUMN over_share REAL;
ALTER TABLE memories ADD COLUMN over_since REAL;
ALTER TABLE memories ADD COLUMN over_by TEXT;
ALTER TABLE memories ADD COLUMN over_known_from REAL;
ALTER TABLE memories ADD COLUMN over_reason TEXT;

-- What was merged says what its originals say. Who was the last to say what several conversations share was kept before.
UPDATE memories SET to_read = 0 WHERE EXISTS (
    SELECT 1 FROM memories AS o WHERE o.namespace_id = memories.namespace_id AND o.consolidated_into = memories.memory_id
);
UPDATE memories SET last_said_at = (SELECT max(json_extract(s.value, '$.timestamp')) FROM json_each(sayings) AS s)
WHERE sayings IS NOT NULL;

CREATE INDEX memories_to_read ON memories (namespace_id) WHERE to_read IS NOT 0;
CREATE INDEX memories_replaced ON memories (namespace_id, replaced_by) WHERE replaced_by IS NOT NULL;
CREATE INDEX memories_over ON memories (namespace_id, over_by) WHERE over_by IS NOT NULL;

CREATE TABLE statements (
    memory       INTEGER NOT NULL REFERENCES memories (id),
    position     INTEGER NOT NULL,                                       -- as in the text
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    subject      TEXT NOT NULL,
    subject_key  TEXT NOT NULL,
    attribute    TEXT NOT NULL,
    value        TEXT NOT NULL,
    value_key    TEXT NOT NULL,
    polarity     INTEGER NOT NULL,
    valid_from   REAL,
    valid_until  REAL,
    confidence   REAL NOT NULL,
    PRIMARY KEY (memory, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX statements_by_slot ON statements (namespace_id, subject_key, attribute);

-- Derived from statements in every transaction that changes them. `position` orders the facts of a subject's attribute.
CREATE TABLE facts (
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    subject_key  TEXT NOT NULL,
    attribute    TEXT NOT NULL,
    position     INTEGER NOT NULL,
    fact_id      TEXT NOT NULL,
    subject      TEXT NOT NULL,
    value        TEXT NOT NULL,
    value_key    TEXT NOT NULL,
    polarity     INTEGER NOT NULL,
    valid_from   REAL,
    valid_until  REAL,
    known_from   REAL NOT NULL,
    known_until  REAL,
    confidence   REAL NOT NULL,
    memory_ids   TEXT NOT NULL,                                          -- a JSON list, the earliest first
    ended_by     TEXT,
    over_since   REAL,
    PRIMARY KEY (namespace_id, subject_key, attribute, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact_sources (
    namespace_id INTEGER NOT NULL,
    memory_id    TEXT NOT NULL,
    subject_key  TEXT NOT NULL,
    attribute    TEXT NOT NULL,
    position     INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, memory_id, subject_key, attribute, position),
    FOREIGN KEY (namespace_id, subject_key, attribute, position)
        REFERENCES facts (namespace_id, subject_key, attribute, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX fact_sources_by_fact ON fact_sources (namespace_id, subject_key, attribute, position);

-- Of a memory that was ever changed. What the present version says is in its own row, and NULL here.
CREATE TABLE versions (
    memory           INTEGER NOT NULL REFERENCES memories (id),
    version          INTEGER NOT NULL,
    operation        TEXT NOT NULL,
    at               REAL NOT NULL,
    actor            TEXT NOT NULL,
    content          TEXT,
    memory_type      TEXT,
    metadata         TEXT,
    importance_score REAL,
    PRIMARY KEY (memory, version)
) STRICT, WITHOUT ROWID;
