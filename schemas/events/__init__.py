"""Events: everything that the log can say happened."""
