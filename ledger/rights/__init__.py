"""The rules of rights: pure. They ask no clock, no network, no database and no chance."""
