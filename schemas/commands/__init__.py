"""Commands: everything that an actor can ask for."""
