"""Inputs of the operations on labels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.masterdata.models import Item
from erp.operations import OperationInput, RecordField
from traceability.identifiers.models import Level
from traceability.labels import layout
from traceability.labels.models import LONGEST_CONTENT, LabelJob, LabelTemplate
from traceability.labels.queries import templates_for
from traceability.labels.symbols import SIGNS
from traceability.models import Lot

MOST_LABELS = 5000
LONG = {"base_template": "textarea.html"}


def _millimetres(label: Any, **more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(6, 2, min_value=0, max_value=1000, label=label, **more)


class ElementRow(OperationInput):
    """One element of a layout."""

    kind = serializers.ChoiceField(choices=layout.KINDS, label=_("kind"))
    content = serializers.CharField(
        label=_("text, value or sign"), max_length=500, required=False, allow_blank=True
    )
    x = _millimetres(_("from left"))
    y = _millimetres(_("from top"))
    w = _millimetres(_("width"))
    h = _millimetres(_("height"))
    size = serializers.DecimalField(
        4, 1, label=_("type size in points"), required=False, allow_null=True
    )
    bold = serializers.BooleanField(label=_("bold"), required=False, default=False)
    align = serializers.ChoiceField(
        choices=layout.ALIGNMENTS, label=_("alignment"), required=False, default="left"
    )
    mark = serializers.ChoiceField(
        choices=[("", "–"), *((name, sign.meaning) for name, sign in SIGNS.items())],
        label=_("sign before the value"),
        required=False,
        allow_blank=True,
        default="",
    )


def rows_of_draft(_actor: Actor, subject: Any) -> list[dict[str, Any]]:
    """Return the elements of the draft being revised; for a new one something to begin with."""
    rows = subject.layout if isinstance(subject, LabelTemplate) else layout.STARTER
    return [dict(row) for row in rows]


class Artwork(OperationInput):
    """What may be changed while a template is a draft."""

    name = serializers.CharField(max_length=200, label=_("name"))
    width_mm = serializers.DecimalField(6, 2, min_value=5, max_value=500, label=_("width in mm"))
    height_mm = serializers.DecimalField(6, 2, min_value=5, max_value=500, label=_("height in mm"))
    module_mm = serializers.DecimalField(
        5,
        3,
        min_value=layout.NARROWEST_X,
        max_value=layout.WIDEST_X,
        label=_("module width in mm"),
        default=Decimal("0.5"),
        help_text=_("Of the DataMatrix: 0.254 to 0.990 mm."),
    )
    limit_percent = serializers.DecimalField(
        5,
        2,
        min_value=0,
        max_value=100,
        default=Decimal(0),
        label=_("labels that may be missing, in percent"),
        help_text=_("More than this, and the labels cannot be reconciled."),
    )
    elements = ElementRow(
        many=True,
        allow_empty=False,
        label=_("layout"),
        style={"rows": rows_of_draft},
        help_text=format_lazy(
            "{} {}. {} {}.",
            _("Values:"),
            ", ".join(layout.FIELDS),
            _("Signs:"),
            ", ".join(SIGNS),
        ),
    )


class ReviseTemplate(Artwork):
    """A draft as it stands, to be changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subject = self.context.get("subject")
        for name, field in self.fields.items():
            if isinstance(subject, LabelTemplate) and hasattr(subject, name):
                field.initial = getattr(subject, name)


class DraftTemplate(Artwork):
    """A new template: for what, and how it looks."""

    code = serializers.RegexField(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40, label=_("code"))
    item_id = RecordField(
        "masterdata.Item", key="code", label=_("item"), required=False, allow_null=True
    )
    item_kind = serializers.ChoiceField(
        choices=[("", "–"), *Item.Kind.choices],
        label=_("or every item of the kind"),
        required=False,
        allow_blank=True,
        default="",
    )
    language = serializers.ChoiceField(choices=settings.LANGUAGES, label=_("language"))
    market = serializers.RegexField(
        r"^[A-Z]{2}$",
        label=_("market"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Country in two letters; empty: every market."),
    )
    level = serializers.ChoiceField(
        choices=Level.choices, label=_("packaging level"), default=Level.BASE
    )
    label_for = serializers.ChoiceField(choices=LabelTemplate.For.choices, label=_("a label for"))
    carrier = serializers.ChoiceField(choices=LabelTemplate.Carrier.choices, label=_("symbol"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either an item, or a kind of items."""
        if bool(attrs.get("item_id")) == bool(attrs.get("item_kind")):
            reason = _("Choose either one item or a kind of items.")
            raise serializers.ValidationError({"item_id": reason})
        return attrs


def printable(_actor: Actor, subject: Any) -> QuerySet[LabelTemplate]:
    """Offer the approved templates that fit the lot."""
    if isinstance(subject, Lot):
        return templates_for(subject)
    return LabelTemplate.objects.none()


class Printed(OperationInput):
    """Where labels come out."""

    output = serializers.ChoiceField(
        choices=LabelJob.Output.choices, label=_("output"), default=LabelJob.Output.PDF
    )
    printer = serializers.CharField(
        max_length=80, label=_("printer"), required=False, allow_blank=True, default=""
    )


class PrintLabels(Printed):
    """Which template, for which units or how many."""

    template_id = RecordField(
        "traceability.LabelTemplate", key="code", label=_("template"), options=printable
    )
    first = serializers.CharField(
        max_length=60,
        label=_("from serial number"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: from the first unit of the lot."),
    )
    last = serializers.CharField(
        max_length=60,
        label=_("to serial number"),
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Empty: to the last unit of the lot."),
    )
    quantity = serializers.IntegerField(
        min_value=1,
        max_value=MOST_LABELS,
        label=_("how many"),
        required=False,
        allow_null=True,
        help_text=_("Only for labels that name no single unit."),
    )


class ReprintLabels(Printed):
    """Which labels of a job are printed again."""

    serials = serializers.ListField(
        child=serializers.CharField(max_length=60),
        label=_("serial numbers"),
        required=False,
        default=list,
        max_length=MOST_LABELS,
        help_text=_("Units whose label is printed again; empty: all of them."),
    )
    quantity = serializers.IntegerField(
        min_value=1,
        max_value=MOST_LABELS,
        label=_("how many"),
        required=False,
        allow_null=True,
        help_text=_("Only for labels that name no single unit."),
    )


class StoreLabels(OperationInput):
    """The finished files of a job."""

    pdf_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")
    pdf_size = serializers.IntegerField(min_value=1)
    zpl_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    zpl_size = serializers.IntegerField(min_value=1, required=False)


class FaultRow(OperationInput):
    """A label that is not accepted."""

    row = serializers.IntegerField(min_value=0)
    of = serializers.CharField(max_length=LONGEST_CONTENT, allow_blank=True)
    reason = serializers.CharField(max_length=2000)


class RefuseLabels(OperationInput):
    """Why no label of a job is accepted."""

    faults = FaultRow(many=True, allow_empty=False)


CHECKS: tuple[tuple[str, Text], ...] = (
    ("udi", _("correct UDI or UPC")),
    ("expiry", _("correct expiration date")),
    ("storage", _("storage instructions")),
    ("handling", _("handling instructions")),
    ("processing", _("additional processing instructions")),
)
"""What is examined before labels are used: 21 CFR 820.45(a)(1) to (5)."""

CONFORMS, DIFFERS, DOES_NOT_APPLY = "conforms", "differs", "not_applicable"
VERDICTS: tuple[tuple[str, Text], ...] = (
    (CONFORMS, _("conforms")),
    (DIFFERS, _("does not conform")),
    (DOES_NOT_APPLY, _("does not apply")),
)


_WORDS: dict[str, Any] = dict(CHECKS)


def _check(name: str) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=VERDICTS, label=_WORDS[name])


class ExamineLabels(OperationInput):
    """What a person found who looked at printed labels."""

    udi = _check("udi")
    expiry = _check("expiry")
    storage = _check("storage")
    handling = _check("handling")
    processing = _check("processing")
    examined = serializers.IntegerField(
        min_value=1, max_value=MOST_LABELS, label=_("labels examined")
    )
    comment = serializers.CharField(
        label=_("comment"), required=False, allow_blank=True, default="", max_length=2000
    )


class ReleaseLabels(ExamineLabels):
    """A release also names what a scanner read from one of the printed labels."""

    scanned = serializers.CharField(
        max_length=LONGEST_CONTENT,
        label=_("scan one of the labels"),
        style={"widget": "scan"},
        help_text=_("Scan a printed label: it is compared with what was intended."),
    )


def _labels(label: Any, **more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=10**6, label=label, **more)


class UseLabels(OperationInput):
    """How many labels were applied."""

    quantity = serializers.IntegerField(min_value=1, max_value=10**6, label=_("how many"))


class ScrapLabels(UseLabels):
    """How many labels were destroyed."""


class TakeBack(UseLabels):
    """A count that was wrong: what was counted too much."""

    fate = serializers.ChoiceField(
        choices=[
            ("used", _("used")),
            ("destroyed", _("destroyed")),
        ],
        label=_("counted as"),
    )


class ReconcileLabels(OperationInput):
    """Where the rest of the labels went; what was counted before is not counted again."""

    used = _labels(_("used"), required=False, default=0)
    destroyed = _labels(_("destroyed"), required=False, default=0)
    retained = _labels(_("kept as sample"), required=False, default=0)
    returned = _labels(_("returned unused"), required=False, default=0)
