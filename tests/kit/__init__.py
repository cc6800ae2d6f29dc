"""What several suites build on: journals as the engine writes them, documents, a dialplan reader."""
