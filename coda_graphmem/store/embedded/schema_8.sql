-- Version 8: items, which are values under a key in a path of labels, with vectors of their fields.

-- Grows with every write of an item.
ALTER TABLE namespaces ADD COLUMN item_changes INTEGER NOT NULL DEFAULT 0;

CREATE TABLE items (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,   -- order of the last writes, never used twice
    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
    path         TEXT NOT NULL,                       -- each label as JSON with a comma behind it
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,                       -- a JSON object
    created_at   REAL NOT NULL,
    updated_at   REAL NOT NULL,
    expires_at   REAL,
    ttl          REAL,                                -- seconds by which reading puts off its end
    fields       TEXT,                                -- a JSON list of those that have vectors; NULL for none
    texts        INTEGER NOT NULL DEFAULT 0,          -- how many vectors these make
    embedder     TEXT,                                -- their model; NULL for that of the file
    UNIQUE (namespace_id, path, key)
) STRICT;

CREATE INDEX items_by_time ON items (namespace_id, updated_at, id);
CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;

-- In single precision. Of several models while the file's is changed.
CREATE TABLE item_vectors (
    item   INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    model  TEXT NOT NULL,
    number INTEGER NOT NULL,
    data   BLOB NOT NULL,
    PRIMARY KEY (item, model, number)
) STRICT;

CREATE INDEX item_vectors_by_model ON item_vectors (model);
