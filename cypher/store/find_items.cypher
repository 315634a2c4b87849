// Items whose path begins with a prefix, those that were written last first.
/* include items_under */
RETURN /* include item */
ORDER BY updated_at DESC, position DESC SKIP $p.offset LIMIT $p.limit;
