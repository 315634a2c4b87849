// Positions and values of items whose path begins with a prefix, those that were written last first. One row, as the
// driver takes much longer over many.
/* include items_under */
WITH i.updated_at AS updated_at, i.position AS position, i.value AS value
ORDER BY updated_at DESC, position DESC
RETURN collect(position) AS positions, collect(value) AS values;
