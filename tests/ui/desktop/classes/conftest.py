"""The session of the tests of Data, which the Classes page is a part of."""

from tests.ui.desktop.data.conftest import session

__all__ = ["session"]
