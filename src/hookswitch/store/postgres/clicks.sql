-- name: expire
DELETE FROM clicks WHERE made_at < $1;

-- name: claim
INSERT INTO clicks (key, wish, call, made_at, placed) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO NOTHING;

-- name: click
SELECT key, wish, call, made_at, placed FROM clicks WHERE key = $1;

-- name: placed
UPDATE clicks SET placed = true WHERE key = $1;

-- name: drop
DELETE FROM clicks WHERE key = $1 AND NOT placed;
