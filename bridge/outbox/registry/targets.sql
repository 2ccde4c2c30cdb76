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
    api_id, target_digest, list_name, list_key, journey_name, journey_key, trigger_key, sources, topics
)
VALUES (
    :api_id, :target_digest, :list_name, :list_key, :journey_name, :journey_key, :trigger_key, :sources, :topics
)
ON CONFLICT (target_digest) DO NOTHING

-- name: lane_id
SELECT id FROM lanes WHERE target_digest = :target_digest
