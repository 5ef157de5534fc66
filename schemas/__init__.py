"""The words everyone agrees on: ids, values, commands, events, and the signed envelopes."""
