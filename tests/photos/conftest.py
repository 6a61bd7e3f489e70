"""Pictures made here, and a client that speaks the upload protocol by hand, request by request."""

from __future__ import annotations

from tests.server.conftest import (  # noqa: F401 - the same application, database and seats
    app,
    city_url,
    clock,
    engine,
    everything,
    phone,
    settings,
    sign_in,
)
