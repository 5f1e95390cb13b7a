"""Refusals about labels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import DomainError


class TemplateCodeTaken(DomainError):
    """A template with this code exists; its next version is drafted from it."""

    code = "labels.template_code_taken"
    status = 409
    sentence = _(
        "There is a template %(code)s already. Draft its next version, or choose another code."
    )


class DraftExists(DomainError):
    """A next version is being drafted already."""

    code = "labels.draft_exists"
    status = 409
    sentence = _("%(template)s is being drafted already. Finish or retire it first.")


class TemplateNotApproved(DomainError):
    """Labels are printed from approved templates only."""

    code = "labels.template_not_approved"
    status = 409
    sentence = _("Nothing is printed from %(template)s: its state is %(state)s.")


class TemplateNotForLot(DomainError):
    """The template is for other items, or for units where a lot was given, or the reverse."""

    code = "labels.template_not_for_lot"
    status = 422
    sentence = _("%(template)s makes no labels for %(lot)s. Choose a template of its item.")


class NoIdentifier(DomainError):
    """A label needs an identifier in force for this item, packaging level and market."""

    code = "labels.no_identifier"
    status = 409
    sentence = _(
        "%(item)s has no active identifier of %(issuer)s for this packaging level and market."
        " Register one and activate it first."
    )


class NothingToPrint(DomainError):
    """No unit lies in the range."""

    code = "labels.nothing_to_print"
    status = 422
    sentence = _("There is no unit to print labels for. Report the units first.")


class TooManyAtOnce(DomainError):
    """One job prints a bounded number of labels."""

    code = "labels.too_many_at_once"
    status = 422
    sentence = _("%(quantity)s labels are too many for one job: print at most %(most)s at once.")


class AlreadyPrinted(DomainError):
    """A second label of a unit is a reprint: it needs a reason and names the first."""

    code = "labels.already_printed"
    status = 409
    sentence = _(
        "Labels from this template were already printed: %(numbers)s. Print again from"
        " %(job)s, with a reason."
    )


class LabelsCannotBeMade(DomainError):
    """A value does not fit its place or the symbol; every label concerned is named."""

    code = "labels.cannot_be_made"
    status = 422
    sentence = _("These labels cannot be made. Correct the template or the data.")


class LabelsNotReleased(DomainError):
    """Labels are used only after their examination (21 CFR 820.45)."""

    code = "labels.not_released"
    status = 409
    sentence = _("The labels of %(job)s are not released for use: %(state)s.")


class OtherLabelScanned(DomainError):
    """What was scanned is no label of this job."""

    code = "labels.other_label_scanned"
    status = 422
    sentence = _("The label scanned reads “%(scanned)s”. No label of %(job)s says that.")


class MoreThanPrinted(DomainError):
    """More labels were counted than there are."""

    code = "labels.more_than_printed"
    status = 422
    sentence = _("%(counted)s labels are more than the %(left)s of %(job)s not yet accounted for.")


class LabelsMissing(DomainError):
    """More labels are missing than the template allows: somebody must find out where they went."""

    code = "labels.missing"
    status = 409
    sentence = _(
        "%(missing)s of %(printed)s labels are not accounted for; at most %(allowed)s may be."
        " Search for them. If they stay lost, a deviation decides about the lot."
    )


class FileNotReady(DomainError):
    """There is nothing to print from: not yet, or not any more."""

    code = "labels.no_file"
    status = 409
    sentence = _("%(job)s gives no file to print from: its state is %(state)s.")
