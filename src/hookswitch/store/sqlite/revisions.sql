-- name: live_revision
SELECT * FROM revisions WHERE state = 'live';

-- name: revision
SELECT * FROM revisions WHERE number = :number;

-- name: revision_before
SELECT * FROM revisions WHERE number < :number AND state IN ('live', 'retired')
ORDER BY number DESC LIMIT 1;

-- name: revisions
SELECT number, applied_at, applied_by, state, origin, comment, reason FROM revisions
ORDER BY number DESC LIMIT :limit;

-- name: stage_revision
INSERT INTO revisions (number, document, applied_at, applied_by, state, text, origin, comment)
SELECT coalesce(max(number), 0) + 1, :document, :at, :applied_by, 'staged', :text, :origin, :comment
FROM revisions
RETURNING number;

-- name: retire_revision
UPDATE revisions SET state = 'retired' WHERE state = 'live' AND number <> :number;

-- name: set_revision_state
UPDATE revisions SET state = :state, applied_at = :at, reason = :reason WHERE number = :number;

-- name: fail_staged
UPDATE revisions SET state = 'failed', applied_at = :at, reason = :reason
WHERE state = 'staged' AND applied_at <= :before;

-- name: cancel_endpoint
UPDATE deliveries SET state = 'cancelled', due_at = NULL
WHERE id IN (
  SELECT id FROM deliveries INDEXED BY deliveries_ready
  WHERE state = 'pending' AND endpoint = :endpoint
  UNION ALL
  SELECT id FROM deliveries INDEXED BY deliveries_sending
  WHERE state = 'sending' AND endpoint = :endpoint
);

-- name: secrets
SELECT reference, key, sealed, set_at FROM secrets ORDER BY reference;

-- name: save_secret
INSERT INTO secrets (reference, key, sealed, set_at) VALUES (:reference, :key, :sealed, :set_at)
ON CONFLICT (reference) DO UPDATE SET
  key = excluded.key,
  sealed = excluded.sealed,
  set_at = excluded.set_at;
