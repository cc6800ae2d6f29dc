"""Stage 3: facts -> webhook events, one file per kind (pure)."""
