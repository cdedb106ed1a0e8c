"""The JSON API and the pages, on FastAPI."""
