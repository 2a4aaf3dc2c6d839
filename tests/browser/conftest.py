"""One browser for all tests of what is looked at."""

import browsers
import pytest


@pytest.fixture(scope="session")
def browser():
    with browsers.opened() as opened:
        yield opened
