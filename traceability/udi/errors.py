"""The refusal of the readers."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError
from traceability.udi.reading import Finding, Issuer


def _reason(finding: Finding) -> str:
    return finding.reason


def _expected(finding: Finding) -> str:
    return finding.expected


# Said when somebody reads it, in that reader's language; reading needs no translations loaded.
_reason_later = lazy(_reason, str)
_expected_later = lazy(_expected, str)


class UdiRefused(DomainError):
    """A code breaks the rules of its issuer: where, why, and what should stand there.

    A wrong code on a device is worse than none: it names another product. So nothing is guessed;
    the caller is told which ``tolerance`` would read it nevertheless, where one would.
    """

    code = "udi.refused"
    status = 422
    sentence = _(
        "This code cannot be read. Position %(position)s: %(reason)s Expected: %(expected)s"
    )
    told: ClassVar[tuple[str, ...]] = (
        "issuer",
        "fault",
        "position",
        "found",
        "reason",
        "expected",
        "tolerance",
    )

    def __init__(self, finding: Finding, issuer: Issuer) -> None:
        self.finding = finding
        self.issuer = issuer
        super().__init__(
            issuer=issuer.value,
            fault=finding.fault,
            position=finding.position,
            found=finding.found,
            reason=_reason_later(finding),
            expected=_expected_later(finding),
            tolerance=finding.tolerance,
        )

    def as_json(self) -> dict[str, object]:
        """Return the refusal as an item of a list of answers."""
        return {"valid": False, "code": self.code, "detail": self.detail, **self.facts}
