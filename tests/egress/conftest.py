"""What tests of egress share."""

import pytest
from tests.egress.others import definitions_of_others


@pytest.fixture(scope="session")
def definitions():
    """The custom resource definitions of the backends, by kind."""
    return definitions_of_others()
