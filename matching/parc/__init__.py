"""A fleet that several people ask for: who is served, with which vehicle."""
