"""The call flow: graph -> checked graph -> Plan (pure)."""
