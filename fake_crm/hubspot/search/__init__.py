"""The copy that search sees, and what matches in it."""
