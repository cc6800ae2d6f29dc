DROP TABLE secrets;
ALTER TABLE revisions DROP COLUMN reason;
ALTER TABLE revisions DROP COLUMN comment;
ALTER TABLE revisions DROP COLUMN origin;
ALTER TABLE revisions DROP COLUMN text;
