"""The engine: what is possible for one person, this week, and why. Pure and deterministic."""
