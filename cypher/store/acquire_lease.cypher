// Takes or renews a lease, by the server's clock. The node is locked before it is looked at. Returns whether it is held
// by $holder now; no row where the node was removed before it was locked, which writing to it does not say.
/* include lock */
MERGE (lease:MaintenanceLease {name: $p.lease})
SET lease.asked_at = datetime.realtime()
WITH lease
WHERE lease.asked_at IS NOT NULL
WITH lease, coalesce(lease.holder = $p.holder OR lease.expires_at <= lease.asked_at, true) AS free
SET lease.holder = CASE WHEN free THEN $p.holder ELSE lease.holder END,
    lease.expires_at = CASE
      WHEN free THEN lease.asked_at + duration({milliseconds: $p.milliseconds})
      ELSE lease.expires_at
    END
RETURN free AS acquired;
