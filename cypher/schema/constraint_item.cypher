// An item exists once under its path and key, which its id stands for.
CREATE CONSTRAINT item_id IF NOT EXISTS
FOR (i:Item) REQUIRE (i.namespace, i.item_id) IS UNIQUE;
