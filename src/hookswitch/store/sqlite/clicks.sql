-- name: expire
DELETE FROM clicks WHERE made_at < :expired;

-- name: claim
INSERT INTO clicks (key, wish, call, made_at, placed)
VALUES (:key, :wish, :call, :made_at, :placed)
ON CONFLICT (key) DO NOTHING;

-- name: click
SELECT key, wish, call, made_at, placed FROM clicks WHERE key = :key;

-- name: placed
UPDATE clicks SET placed = 1 WHERE key = :key;

-- name: drop
DELETE FROM clicks WHERE key = :key AND NOT placed;
