"""Messages: the sentences, the outbox they are written to, what the clock writes, and how they leave."""
