"""Empty on purpose: importing the shared kernel `app.domain` must not cost Flet."""
