"""Recordings and voicemail audio: kept, linked to, aged out; prompts uploaded and converted."""
