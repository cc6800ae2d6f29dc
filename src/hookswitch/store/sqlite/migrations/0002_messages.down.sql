DROP TABLE emails;
DROP TABLE media;
