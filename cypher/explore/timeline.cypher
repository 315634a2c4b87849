// What held when? One attribute of somebody or something over time, such as every place where the user lived.
// $subject as in what_is_true_now; $attribute as Fact.attribute holds it.
// Returns a graph: the facts in the order in which they followed one another, and the memory that ended each.
:param namespace => 'default'
:param subject => 'user'
:param attribute => 'residence'

MATCH (f:Fact {namespace: $namespace, subject_key: $subject, attribute: $attribute})
WITH f ORDER BY coalesce(f.valid_from, f.valid_until, f.known_from) LIMIT 100
OPTIONAL MATCH (f)-[following:FOLLOWED_BY]->(next:Fact)
OPTIONAL MATCH (f)-[ended:ENDED_BY]->(m:Memory)
RETURN f, following, next, ended, m;
