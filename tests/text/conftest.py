"""Property tests without a clock or a database: the same examples in every run, on slow machines too."""

from hypothesis import settings

settings.register_profile("mecelle", deadline=None, derandomize=True, database=None)
settings.load_profile("mecelle")
