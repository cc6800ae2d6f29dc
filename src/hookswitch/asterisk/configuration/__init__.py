"""The text of the engine's configuration files."""
