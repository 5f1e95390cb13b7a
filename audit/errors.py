"""Refusals about evidence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class FileTooLarge(DomainError):
    """A document is larger than the installation keeps."""

    code = "audit.file_too_large"
    status = 413
    sentence = _("%(name)s is larger than %(limit)s MB.")


class FileEmpty(DomainError):
    """A document without content proves nothing."""

    code = "audit.file_empty"
    status = 422
    sentence = _("%(name)s is empty.")


class FileKindRefused(DomainError):
    """A document is of a kind that is not kept, or its content is not what it says it is."""

    code = "audit.file_kind_refused"
    status = 422
    sentence = _(
        "%(name)s cannot be kept: %(media_type)s is not one of the kinds allowed here, or the "
        "content is something else."
    )


class FileMissing(DomainError):
    """The stored file is gone or was changed: its content no longer has the recorded hash."""

    code = "audit.file_missing"
    status = 500
    sentence = _(
        "The stored file %(sha256)s is missing or was changed. Tell the system administrator."
    )
