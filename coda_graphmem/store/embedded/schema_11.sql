-- Version 11: memories are found by their title.

CREATE INDEX mentions_by_title ON mentions (entity) WHERE label = 'TITLE';
