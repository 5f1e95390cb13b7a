"""The dialog of an operation: shown on GET, carried out on POST, refused with everything kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.meanings import STATEMENTS
from erp.core.context import Channel, SigningProof
from erp.core.errors import DomainError, FieldFault, InvalidInput
from erp.core.ids import uuid7
from erp.operations import Operation, Reason, door
from erp.operations.availability import blockers_of
from erp.operations.registry import find
from erp.ui.page import Dialog, FormField, Link, SignatureBox
from erp.ui.records import of_model, url_of
from erp.ui.request import actor_of, context_of, expected_version, told_time
from erp.ui.web.forms import fields_of, values_of

Op = Operation[Any, Any]

UNPROCESSABLE = 422
IDENTITY_CODES = {
    "accounts.signature_missing",
    "accounts.signature_refused",
    "accounts.signer_is_not_actor",
}


@require_http_methods(["GET", "HEAD", "POST"])
def operate(request: HttpRequest, code: str, pk: int | None = None) -> HttpResponse:
    """Show or carry out an operation, on a record or without one."""
    op = find(code)
    subject = _subject(request, op, pk)
    if request.method != "POST":
        return _show(request, _dialog(request, op, subject, values=_prefilled(request, op)))
    values = values_of(op.input, request.POST, request.FILES)
    try:
        result = _carry_out(request, op, pk, values)
    except DomainError as refusal:
        return _show(
            request,
            _refused(request, op, subject, values, refusal),
            status=_status(request, refusal),
        )
    return _done(request, op, subject, result)


def _subject(request: HttpRequest, op: Op, pk: int | None) -> Any:
    if not op.subject:
        return None
    return door.visible_subject(op, context_of(request, Channel.WEB), pk)


def _prefilled(request: HttpRequest, op: Op) -> dict[str, Any]:
    """Take values from the address (``?lot_id=17``): links lead into half-filled dialogs."""
    site = request.session.get("site")
    given: dict[str, Any] = {"site_id": site} if site and "site_id" in op.input().fields else {}
    return {**given, **{k: v for k, v in request.GET.items() if k in op.input().fields}}


def _carry_out(request: HttpRequest, op: Op, pk: int | None, values: dict[str, Any]) -> Any:
    proof = None
    if op.signed_as and request.POST.get("password"):
        proof = SigningProof(
            username=request.POST.get("username", ""),
            password=request.POST["password"],
            meaning=op.signed_as,
        )
    ctx = context_of(
        request,
        Channel.WEB,
        reason=request.POST.get("reason", ""),
        signature=proof,
        idempotency_key=request.POST.get("idempotency_key"),
        expected=expected_version(op, pk, request.POST.get("version", "")),
        at=told_time(op, request.POST.get("happened_at", "")),
    )
    return op(ctx, **({op.subject_arg: pk} if op.subject else {}), **values)


def _dialog(
    request: HttpRequest, op: Op, subject: Any, values: dict[str, Any], **more: Any
) -> Dialog:
    actor = actor_of(request)
    form = op.input(context={"actor": actor, "subject": subject})
    refusal = more.pop("refusal", None)
    faults = refusal.faults if refusal else ()
    fields = fields_of(form, actor, subject, values, faults)
    if op.tells_time:
        fields.append(_happened_at(request, faults))
    signature = None
    if op.signed_as is not None:
        signature = SignatureBox(
            username=actor.username,
            name=actor.name,
            meaning=op.signed_as.label,
            statement=STATEMENTS[op.signed_as],
            error=more.pop("signature_error", ""),
        )
    return Dialog(
        title=op.title,
        sentence=op.sentence,
        verb=op.title,
        action_url=request.path,
        cancel_url=_cancel_url(op, subject),
        fields=fields,
        blockers=tuple(blockers_of(op, actor, subject))
        if subject is not None and not refusal
        else (),
        # Making something new needs no explanation unless the operation asks for one.
        needs_reason=op.reason is Reason.REQUIRED
        or op.tells_time
        or (
            (op.reason is Reason.OPTIONAL and bool(op.subject) and not op.creates)
            and "comment" not in form.fields
        ),
        reason_required=op.reason is Reason.REQUIRED,
        reason=request.POST.get("reason", ""),
        reason_errors=[f.reason for f in faults if f.name == "reason"],
        signature=signature,
        danger=op.danger,
        version=getattr(subject, "row_version", None),
        idempotency_key=uuid7().hex,
        record=Link(str(subject), url_of(subject), mono=True) if subject is not None else None,
        multipart=any(f.widget == "file" for f in fields),
        **more,
    )


def _happened_at(request: HttpRequest, faults: Sequence[FieldFault]) -> FormField:
    """Return the field for what is recorded later than it happened."""
    return FormField(
        name="happened_at",
        label=_("Happened"),
        widget="datetime",
        value=request.POST.get("happened_at", ""),
        help=_("Left empty, now. More than a day later it needs a reason."),
        errors=[f.reason for f in faults if f.name == "happened_at"],
    )


def _refused(
    request: HttpRequest, op: Op, subject: Any, values: dict[str, Any], refusal: DomainError
) -> Dialog:
    if refusal.code in IDENTITY_CODES:
        return _dialog(
            request, op, subject, values, refusal=refusal, signature_error=refusal.detail
        )
    if isinstance(refusal, InvalidInput):
        return _dialog(request, op, subject, values, refusal=refusal)
    return _dialog(
        request,
        op,
        subject,
        values,
        refusal=refusal,
        error=refusal.detail,
        refused_by=refusal.blockers,
    )


def _status(request: HttpRequest, refusal: DomainError) -> int:
    # 401 would make browsers ask for credentials; the dialog itself asks again.
    return UNPROCESSABLE if refusal.code in IDENTITY_CODES else refusal.status


def _cancel_url(op: Op, subject: Any) -> str:
    if subject is not None:
        return url_of(subject) or reverse("home")
    kind = of_model(op.creates) if op.creates else None
    return f"/{kind.noun}/" if kind else reverse("home")


def _show(request: HttpRequest, dialog: Dialog, status: int = 200) -> HttpResponse:
    fragment = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "ui/_dialog.html" if fragment else "ui/dialog.html"
    return render(request, template, {"dialog": dialog, "fragment": fragment}, status=status)


def _done(request: HttpRequest, op: Op, subject: Any, result: Any) -> HttpResponse:
    said = getattr(result, "once", None)
    if said:
        messages.warning(request, said)
    messages.success(
        request, _("Done: %(what)s, %(record)s.") % {"what": op.title, "record": result}
    )
    # An operation on a record returns to it; one that makes a record goes there.
    target = result if op.creates or subject is None else subject
    url = (url_of(target) if hasattr(target, "_meta") else "") or _cancel_url(op, subject)
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
