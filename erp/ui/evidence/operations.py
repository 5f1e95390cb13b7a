"""Operations on packs and documents; those on a record are declared once per kind of record."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from audit import attachments, media
from audit.errors import FileEmpty, FileTooLarge
from audit.models import Attachment, EvidencePack
from erp.accounts.models import User
from erp.core import clock, numbering, outbox
from erp.core.context import Context
from erp.operations import REGISTRY, Operation, operation
from erp.ui.evidence import inputs
from erp.ui.evidence.locking import lock_pack
from erp.ui.evidence.states import PACK
from erp.ui.records import KINDS

TOPIC = "evidence.render"
LOT = "traceability.Lot"
MEGABYTE = 1024 * 1024

Op = Operation[Any, Any]


def _code(stem: str, model: str, plain: str) -> str:
    """Return the code for one kind of record; lots, where it began, have the plain one."""
    return (
        plain if model == LOT else f"{stem}_{model.split('.')[1].lower()}_{plain.rsplit('_', 1)[1]}"
    )


def declare_pack(model: str, noun: str) -> Op:
    """Declare "request an evidence pack" for one kind of record."""
    code = _code("evidence.request", model, "evidence.request_pack")
    if code in REGISTRY:
        return REGISTRY[code]

    @operation(
        code,
        title=_("Evidence pack"),
        sentence=_(
            "A PDF with everything recorded of it is made in the background and kept as issued."
        ),
        noun=noun,
        verb="request-pack",
        subject=model,
        subject_arg="record_id",
        creates="audit.EvidencePack",
        input=inputs.RequestPack,
        site_of=_anywhere,
        machine=True,
    )
    def request_pack(ctx: Context, *, record_id: int, language: str = "") -> EvidencePack:
        """Queue a pack of the record."""
        return _queue(ctx, apps.get_model(model)._default_manager.get(pk=record_id), language)

    return request_pack


def declare_attachment(model: str, noun: str) -> Op:
    """Declare "attach a document" for one kind of record."""
    code = _code("evidence.attach", model, "evidence.attach_document")
    if code in REGISTRY:
        return REGISTRY[code]

    @operation(
        code,
        title=_("Attach document"),
        sentence=_(
            "The file is kept unchanged under the hash of its content and shown with the record."
        ),
        noun=noun,
        verb="attach",
        subject=model,
        subject_arg="record_id",
        input=inputs.AttachDocument,
        machine=True,
    )
    def attach_document(
        ctx: Context, *, record_id: int, kind: str, title: str, file: Any
    ) -> Attachment:
        """Store the file and bind it to the record."""
        return _attach(ctx, model, record_id, {"kind": kind, "title": title}, file)

    return attach_document


def declare_for_kinds() -> None:
    """Declare both for every kind of record that has evidence; called when all apps are loaded."""
    for kind in [k for k in KINDS.values() if k.evidence]:
        declare_pack(kind.model, kind.noun)
        declare_attachment(kind.model, kind.noun)


def _anywhere(_subject: Any, _values: Any) -> int | None:
    """Whoever sees a record may take its evidence along: seeing was checked when it was found."""
    return None


def _queue(ctx: Context, record: Any, language: str) -> EvidencePack:
    person = User.objects.get(pk=ctx.actor.user_id)
    pack = EvidencePack.objects.create(
        number=numbering.take_one("EVP"),
        subject_model=record._meta.label_lower,
        subject_pk=str(record.pk),
        subject_label=str(record)[:200],
        site_id=getattr(record, "site_id", None),
        language=language or _reading(person),
        requested_by=person,
        requested_at=ctx.at or clock.now(),
    )
    outbox.put(ctx, TOPIC, pack.number, {"pack": pack.pk})
    return pack


def _reading(person: User) -> str:
    """Return the language in which somebody reads now, which may not be that of their account."""
    now = translation.get_language()
    return now if now in dict(settings.LANGUAGES) else person.language


def _attach(ctx: Context, model: str, pk: int, about: dict[str, str], file: Any) -> Attachment:
    if file.size > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(name=file.name, limit=settings.MAX_UPLOAD_BYTES // MEGABYTE)
    if not file.size:
        raise FileEmpty(name=file.name)
    head = file.read(media.HEAD)
    file.seek(0)
    media_type = media.check(file.name, file.content_type or "", head)
    stored = attachments.store(file.chunks())
    return Attachment.objects.create(
        subject_model=model.lower(),
        subject_pk=str(pk),
        filename=file.name[:200],
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        attached_by_id=ctx.actor.user_id,
        attached_at=ctx.at or clock.now(),
        **about,
    )


request_pack = declare_pack(LOT, "lots")
attach_document = declare_attachment(LOT, "lots")


@operation(
    "evidence.store_pack",
    title=_("Store pack"),
    sentence=_("The finished file of a pack is recorded by its hash."),
    noun="evidence",
    verb="store",
    subject="audit.EvidencePack",
    subject_arg="pack_id",
    input=inputs.StorePack,
    states=PACK,
    step="store",
    machine=True,
    hidden=True,
)
def store_pack(ctx: Context, *, pack_id: int, sha256: str, size: int, pages: int) -> EvidencePack:
    """Mark a pack ready; from then on it is this file and never rendered again."""
    pack = lock_pack(ctx, pack_id)
    pack.state = PACK.next(pack.state, "store")
    pack.sha256, pack.size, pack.pages = sha256, size, pages
    pack.finished_at = ctx.at or clock.now()
    pack.save(update_fields=["state", "sha256", "size", "pages", "finished_at"])
    return pack


@operation(
    "evidence.fail_pack",
    title=_("Give up pack"),
    sentence=_("No file could be made; the pack says why."),
    noun="evidence",
    verb="fail",
    subject="audit.EvidencePack",
    subject_arg="pack_id",
    input=inputs.FailPack,
    states=PACK,
    step="fail",
    machine=True,
    hidden=True,
)
def fail_pack(ctx: Context, *, pack_id: int, error: str) -> EvidencePack:
    """Mark a pack failed."""
    pack = lock_pack(ctx, pack_id)
    pack.state = PACK.next(pack.state, "fail")
    pack.error = error
    pack.finished_at = ctx.at or clock.now()
    pack.save(update_fields=["state", "error", "finished_at"])
    return pack
