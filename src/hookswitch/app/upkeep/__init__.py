"""What keeps an installation well: disk, retention, backup, schema, upgrade, systemd."""
