"""The phone engine: installing, configuring and supervising Asterisk, and talking to it."""
