"""What an operator sees of a running process: numbers, lines, traces, and whether it is ready."""
