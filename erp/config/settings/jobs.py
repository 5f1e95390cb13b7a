"""Redis, cache and Celery."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from celery.schedules import crontab

from erp.config.settings.env import text

REDIS_URL = text("REDIS_URL", "redis://localhost:6379/0")


def broker_url(url: str) -> str:
    """Return the address in the form Celery wants (sockets are ``redis+socket``)."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "proofline",
    }
}

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "deliver": {"task": "proofline.deliver", "schedule": 30.0},
    "check-evidence": {
        "task": "proofline.check_evidence",
        "schedule": crontab(hour=text("EVIDENCE_CHECK_HOUR", "1"), minute="30"),
    },
    "publish-events": {"task": "proofline.publish_events", "schedule": 10.0},
    "run-subscriptions": {"task": "proofline.run_subscriptions", "schedule": 15.0},
}
