"""Configurations: drawn, tried, made live, kept, gone back to."""
