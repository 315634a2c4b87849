// How many memories match.
/* include matches */
RETURN count(m) AS memories;
