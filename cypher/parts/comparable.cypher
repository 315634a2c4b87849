// Part: whether the vector of a passage p is of the store's model.
size(p.embedding) = meta.dimension AND coalesce(p.model = meta.embedding_model, true)
