// Part: whether a long-term memory m has not ended. No OR: the server would look up each side of it by itself.
coalesce(m.ends_at > $p.now, true)
