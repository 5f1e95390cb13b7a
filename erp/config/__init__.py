"""The project: settings, addresses, the WSGI application, the Celery application."""

from erp.config.celery import app as celery_app

__all__ = ["celery_app"]
