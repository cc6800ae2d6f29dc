"""Joins the stages, picks the store, and is the command line."""
