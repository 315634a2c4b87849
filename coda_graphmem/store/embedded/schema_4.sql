-- Version 4: a checksum of what a memory says, so that a file that was damaged on its disk hands out nothing changed.

-- NULL where it is not known: of memories of an older version, until upkeep has looked at them.
ALTER TABLE memories ADD COLUMN checksum BLOB;

-- Whoever changes a memory and gives it no new checksum leaves it without one, never with a wrong one.
CREATE TRIGGER checksum_update
AFTER UPDATE OF memory_id, content, memory_type, timestamp, metadata, conversation_id ON memories
WHEN new.checksum IS NOT NULL AND new.checksum IS old.checksum BEGIN
    UPDATE memories SET checksum = NULL WHERE id = new.id;
END;
