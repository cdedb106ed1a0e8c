"""The API's fixtures serve here too."""

from tests.api.conftest import client, known, service

__all__ = ("client", "known", "service")
