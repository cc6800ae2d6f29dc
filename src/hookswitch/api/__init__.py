"""The HTTP API: one file per resource, one error shape; every route but two wants a token."""
