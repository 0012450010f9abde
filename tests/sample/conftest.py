"""One tiny sample for all tests of this floor: it is generated once."""

import pytest

from mecelle.sample import Sample, SampleSize, generate

SEED = 7


@pytest.fixture(scope="session")
def sample() -> Sample:
    return generate(seed=SEED, size=SampleSize.tiny())
