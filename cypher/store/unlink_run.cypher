// Removes the links between memories that a run made. Returns how many.
CALL () {
  MATCH (source:Memory)-[link:SIMILAR_TO]->()
  USING INDEX link:SIMILAR_TO(run_id)
  WHERE link.run_id = $p.run_id AND source.namespace = $p.namespace
  RETURN link
  UNION ALL
  MATCH (source:Memory)-[link:POSSIBLY_OUTDATED_BY]->()
  USING INDEX link:POSSIBLY_OUTDATED_BY(run_id)
  WHERE link.run_id = $p.run_id AND source.namespace = $p.namespace
  RETURN link
}
DELETE link
RETURN count(*) AS links;
