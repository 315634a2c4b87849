// Items that are to have vectors of the store's own model, with how many.
CREATE INDEX item_lacking IF NOT EXISTS
FOR (i:Item) ON (i.own_texts);
