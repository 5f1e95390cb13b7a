"""Inputs of packs and documents."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.operations import OperationInput

KINDS: list[tuple[str, Any]] = [
    ("certificate", _("certificate")),
    ("report", _("report")),
    ("photo", _("photo")),
    ("other", _("other")),
]


class RequestPack(OperationInput):
    """In which language; empty means one's own."""

    language = serializers.ChoiceField(
        [("", _("my language")), *settings.LANGUAGES],
        label=_("language"),
        required=False,
        allow_blank=True,
        default="",
    )


class StorePack(OperationInput):
    """The finished file."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    size = serializers.IntegerField(min_value=1)
    pages = serializers.IntegerField(min_value=1)


class FailPack(OperationInput):
    """Why no file could be made."""

    error = serializers.CharField(max_length=2000)


class AttachDocument(OperationInput):
    """A document: its kind, its title, the file."""

    kind = serializers.ChoiceField(KINDS, label=_("kind"))
    title = serializers.CharField(label=_("title"), max_length=200)
    file = serializers.FileField(
        label=_("file"),
        max_length=200,
        # The store refuses empty and oversized files itself, with typed refusals.
        allow_empty_file=True,
        help_text=_("PDF, image, table or text; kept unchanged under its SHA-256."),
    )
