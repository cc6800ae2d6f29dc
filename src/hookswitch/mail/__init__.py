"""Emails about messages: queued with the event, sent by SMTP, retried."""
