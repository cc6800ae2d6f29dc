-- name: claim
INSERT INTO alerts (endpoint, trouble, stage, told, claimed_until)
VALUES (:endpoint, :trouble, :stage, 0, :until)
ON CONFLICT (endpoint) DO UPDATE SET
  trouble = excluded.trouble,
  stage = excluded.stage,
  told = 0,
  claimed_until = excluded.claimed_until
WHERE (alerts.trouble, alerts.stage) < (excluded.trouble, excluded.stage)
  OR (
    (alerts.trouble, alerts.stage) = (excluded.trouble, excluded.stage)
    AND NOT alerts.told AND alerts.claimed_until <= :now
  );

-- name: end
UPDATE alerts SET told = :told, claimed_until = 0
WHERE endpoint = :endpoint AND trouble = :trouble AND stage = :stage;
