-- name: claim
INSERT INTO alerts AS a (endpoint, trouble, stage, told, claimed_until)
VALUES ($1, $2, $3, false, $4)
ON CONFLICT (endpoint) DO UPDATE SET
  trouble = excluded.trouble,
  stage = excluded.stage,
  told = false,
  claimed_until = excluded.claimed_until
WHERE (a.trouble, a.stage) < (excluded.trouble, excluded.stage)
  OR (
    (a.trouble, a.stage) = (excluded.trouble, excluded.stage)
    AND NOT a.told AND a.claimed_until <= $5
  );

-- name: end
UPDATE alerts SET told = $4, claimed_until = 0 WHERE endpoint = $1 AND trouble = $2 AND stage = $3;
