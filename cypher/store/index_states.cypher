// Names and states of all indexes of the database.
SHOW INDEXES YIELD name, state
RETURN name, state;
