"""The HTTP API: one file per resource, one error shape; every route says which role it needs."""
