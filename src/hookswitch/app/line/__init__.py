"""The live line at work: calls as they are, what watches them, and what they leave behind."""
