-- name: acquire_leader_lease
INSERT INTO leader_leases (task, holder, until) VALUES (:task, :holder, :until)
ON CONFLICT (task) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE leader_leases.holder = excluded.holder OR leader_leases.until <= :now

-- name: recent_outcomes
-- Of the last few calls of a lane: what Zoho made of the leads in them.
SELECT t.outcome, t.result, COUNT(*) AS total
FROM (SELECT id FROM calls WHERE lane_id = :lane_id ORDER BY started_at DESC LIMIT :calls) c
JOIN attempts t ON t.call_id = c.id
GROUP BY t.outcome, t.result
