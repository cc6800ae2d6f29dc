"""Stage 5: a claimed delivery signed, sent, classified, and recorded or rescheduled."""
