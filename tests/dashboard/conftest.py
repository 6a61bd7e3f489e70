"""The server's own application, with one account for each seat."""

from tests.server.conftest import app, city_url, clock, engine, everything, phone, settings, sign_in

__all__ = ["app", "city_url", "clock", "engine", "everything", "phone", "settings", "sign_in"]
