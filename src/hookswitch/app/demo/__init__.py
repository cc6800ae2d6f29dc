"""The main job, shown: real SIP calls through the example flow, their webhooks at a receiver."""
