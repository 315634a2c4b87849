// Gives a lease back where $holder has it. The node is locked before it is looked at, and stays.
/* include lock */
MATCH (lease:MaintenanceLease {name: $p.lease})
SET lease.asked_at = datetime.realtime()
WITH lease
WHERE lease.holder = $p.holder
REMOVE lease.holder, lease.expires_at;
