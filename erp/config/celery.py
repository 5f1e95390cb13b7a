"""The Celery application: carries out what the outbox holds, and the nightly searches."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.config.settings")

app = Celery("proofline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["erp.config"])
