"""Stage 4: events matched with endpoints, committed in one transaction with the cursor."""
