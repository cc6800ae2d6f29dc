"""Frozen types shared by every stage; imports nothing of ours."""
