// Part: what a filter asks about lifetime and archiving of a memory m. An expired short-term memory never matches.
CASE WHEN m.expires_at IS NULL THEN $p.lifetime <> 'short_term'
  ELSE $p.lifetime <> 'long_term' AND m.expires_at > $p.now END
AND ($p.archived IS NULL OR $p.archived = (m.archived_at IS NOT NULL))
