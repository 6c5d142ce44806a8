"""The door: the only room that holds a session, the configuration and HTTP."""
