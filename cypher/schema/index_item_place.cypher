// Items of a namespace by their path.
CREATE INDEX item_place IF NOT EXISTS
FOR (i:Item) ON (i.namespace, i.path);
