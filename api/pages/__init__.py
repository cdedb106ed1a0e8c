"""The desk: pages rendered here, thin over the same functions as the JSON API. They work without JavaScript."""
