"""Who may use the API, and which addresses may not."""
