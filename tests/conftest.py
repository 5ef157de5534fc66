"""Settings of all tests."""

from hypothesis import settings

# No example has a deadline: the machine may be busy, and no test asserts on time.
settings.register_profile("linernotes", deadline=None)
settings.load_profile("linernotes")
