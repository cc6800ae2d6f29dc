-- name: live_revision
SELECT number, applied_at, applied_by, state, origin, comment, reason, document, text
FROM revisions WHERE state = 'live';

-- name: revision
SELECT number, applied_at, applied_by, state, origin, comment, reason, document, text
FROM revisions WHERE number = $1;

-- name: revision_before
SELECT number, applied_at, applied_by, state, origin, comment, reason, document, text
FROM revisions WHERE number < $1 AND state IN ('live', 'retired')
ORDER BY number DESC LIMIT 1;

-- name: revisions
SELECT number, applied_at, applied_by, state, origin, comment, reason FROM revisions
ORDER BY number DESC LIMIT $1;

-- name: stage_revision
INSERT INTO revisions (number, document, applied_at, applied_by, state, text, origin, comment)
SELECT coalesce(max(number), 0) + 1, $1::text, $2::bigint, $3::text, 'staged', $4::text, $5::text,
  $6::text
FROM revisions
RETURNING number;

-- name: retire_revision
UPDATE revisions SET state = 'retired' WHERE state = 'live' AND number <> $1;

-- name: set_revision_state
UPDATE revisions SET state = $2, applied_at = $3, reason = $4 WHERE number = $1;

-- name: fail_staged
UPDATE revisions SET state = 'failed', applied_at = $1, reason = $2
WHERE state = 'staged' AND applied_at <= $3;

-- name: cancel_endpoints
UPDATE deliveries SET state = 'cancelled', due_at = NULL
WHERE endpoint = ANY ($1) AND state IN ('pending', 'sending');

-- name: secrets
SELECT reference, key, sealed, set_at FROM secrets ORDER BY reference COLLATE "C";

-- name: save_secret
INSERT INTO secrets (reference, key, sealed, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (reference) DO UPDATE SET
  key = excluded.key,
  sealed = excluded.sealed,
  set_at = excluded.set_at;
