// Part: whether a long-term memory m has not ended.
(m.ends_at IS NULL OR m.ends_at > $p.now)
