-- name: overwrite_what_is_deleted
-- For this connection from now on: freed pages are filled with zeros. https://www.sqlite.org/pragma.html#pragma_secure_delete
PRAGMA secure_delete = ON
