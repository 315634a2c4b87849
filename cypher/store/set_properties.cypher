// Sets properties of memories. Each row: memory_id, properties. A property of null is removed. The time of the last
// change never goes back.
/* include set_properties */;
