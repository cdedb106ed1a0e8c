"""The JSON API, one module for each thing that is acted on."""
