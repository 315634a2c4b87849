// Names and states of all indexes of the database, and the properties each is over.
SHOW INDEXES YIELD name, state, properties
RETURN name, state, properties;
