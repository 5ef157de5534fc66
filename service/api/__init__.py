"""The HTTP door: one way to write, many ways to read, problems as RFC 9457, a page of its own."""
