// Part: how often a memory m was used: recalled or repeated.
m.access_count + m.reinforcement_count
