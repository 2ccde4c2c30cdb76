-- fragment: target
-- The columns that `target_of` reads: of a lane `l`, its API `a` and its account `n`.
n.name AS account, a.name AS api, l.list_name, l.list_key, l.journey_name, l.journey_key, l.trigger_key, l.sources,
l.topics, l.tag, l.create_tag

-- name: add_account
INSERT INTO accounts (name) VALUES (:name) ON CONFLICT (name) DO NOTHING

-- name: account_id
SELECT id FROM accounts WHERE name = :name

-- name: add_api
INSERT INTO apis (account_id, name) VALUES (:account_id, :name) ON CONFLICT (account_id, name) DO NOTHING

-- name: api_id
SELECT id FROM apis WHERE account_id = :account_id AND name = :name

-- name: add_lane
INSERT INTO lanes (
    api_id, target_digest, list_name, list_key, journey_name, journey_key, trigger_key, sources, topics, tag,
    create_tag
)
VALUES (
    :api_id, :target_digest, :list_name, :list_key, :journey_name, :journey_key, :trigger_key, :sources, :topics, :tag,
    :create_tag
)
ON CONFLICT (target_digest) DO NOTHING

-- name: lane_id
SELECT id FROM lanes WHERE target_digest = :target_digest

-- name: targets
SELECT l.id, {target}
FROM lanes l
JOIN apis a ON a.id = l.api_id
JOIN accounts n ON n.id = a.account_id
ORDER BY l.id

-- name: account_names
SELECT name FROM accounts ORDER BY name
