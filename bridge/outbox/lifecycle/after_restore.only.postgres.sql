-- name: hold_about
SELECT id FROM about WHERE id = 1 FOR UPDATE

-- name: home
-- Where this outbox was made, and where it says that it was: a dump that is brought back makes its tables again, with
-- other numbers, and the comment comes along. NULL where nothing was noted.
SELECT (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || 'about'::regclass::oid AS here,
    obj_description('about'::regclass, 'pg_class') AS noted

-- name: note_home
-- Only a table's owner may comment on it; where the service is not, nothing is noted.
DO $$
DECLARE
    here TEXT := (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || 'about'::regclass::oid;
BEGIN
    IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'about'::regclass), 'USAGE') THEN
        EXECUTE 'COMMENT ON TABLE about IS ' || quote_literal(here);
    END IF;
END
$$
