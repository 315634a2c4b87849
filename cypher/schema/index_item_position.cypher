// Items of a namespace in the order of their last writes.
CREATE INDEX item_position IF NOT EXISTS
FOR (i:Item) ON (i.namespace, i.position);
