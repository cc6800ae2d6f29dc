"""Stage 2: journal lines folded into call states, giving facts (pure)."""
