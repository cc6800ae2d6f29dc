-- What an event tells in headers besides its body.
ALTER TABLE events ADD COLUMN linked_call TEXT;
ALTER TABLE events ADD COLUMN client_ref TEXT;
