"""The law, as pure functions: one file a rule, each with its text, its date and its reason."""
