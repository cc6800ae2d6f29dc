"""The configuration document: its schema, YAML in and out, and its checks."""
