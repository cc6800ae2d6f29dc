DROP FUNCTION release_deliveries, record_outcomes, next_due, claim_deliveries,
  waiting_endpoints, commit_line,
  make_partitions, drop_partitions, partition_size, fold_counts;
DROP VIEW delivery_rows;
DROP TABLE workers, emails, media, endpoint_runtime, secrets, revisions, attempts, delivery_counts,
  deliveries, events, calls, line;
DROP FUNCTION count_deliveries;
