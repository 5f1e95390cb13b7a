"""What tests of stock share."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured

from tests.ui.conftest import signed_in  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
