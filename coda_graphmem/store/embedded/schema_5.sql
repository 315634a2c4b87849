-- Version 5: what several conversations say of one memory, so that each can be forgotten alone.

-- A JSON list, the memory's own conversation first; NULL where there is one alone.
ALTER TABLE memories ADD COLUMN sayings TEXT;

CREATE INDEX memories_by_sayings ON memories (namespace_id) WHERE sayings IS NOT NULL;
