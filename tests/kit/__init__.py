"""What several suites build on: journals, documents, a reader of the dialplan."""
