// Part: whether an item i with vectors of the store's own lacks some of a model.
i.own_texts > 0 AND COUNT { (i)-[:HAS_VECTOR]->(:ItemVector {model: $p.model}) } < i.own_texts
