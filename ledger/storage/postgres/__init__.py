"""The log in PostgreSQL: many processes write, one at a time, behind the row of the head."""
