"""Walks a draft flow and gives the facts that a real call of this kind would give (pure)."""
