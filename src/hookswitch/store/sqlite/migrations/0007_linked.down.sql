ALTER TABLE events DROP COLUMN client_ref;
ALTER TABLE events DROP COLUMN linked_call;
