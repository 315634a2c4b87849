// Vectors of items by the model they come from.
CREATE INDEX item_vector_model IF NOT EXISTS
FOR (v:ItemVector) ON (v.model);
