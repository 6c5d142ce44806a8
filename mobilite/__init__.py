"""The domain: the words, values, rules and entities of solidarity mobility."""
