"""Pictures of every screen in every size, text, ground and language: `python -m tests.screenshots`."""
