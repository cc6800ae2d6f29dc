"""Webhook endpoints of a running server: tests, replays, health, and receivers of our own."""
