"""Celery: the queue of the service, and its workers."""
