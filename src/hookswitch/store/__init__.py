"""What the stages keep: one port, several backends."""
