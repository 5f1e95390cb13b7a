"""Packs as records: their list, their page with progress and download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.models import EvidencePack
from erp.core.errors import Text
from erp.ui.evidence import progress
from erp.ui.evidence.queries import packs_visible_to
from erp.ui.evidence.states import PACK, PackState
from erp.ui.page import Fact, Link, Moment, Number, Pill, Section
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, of_model, register


@dataclass(frozen=True, slots=True)
class JobStep:
    """One step of the work: done, now, waiting or failed."""

    label: Text
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work in the background, as ``ui/_progress.html`` shows it."""

    title: str
    message: Text
    percent: int
    steps: Sequence[JobStep]
    url: str
    finished: bool
    failed: str = ""
    result: Link | None = None
    crumbs: Sequence[Link] = ()


def job_of(pack: EvidencePack) -> Job:
    """Return how far a pack is."""
    url = reverse("evidence-progress", args=[pack.pk])
    if pack.state == PackState.READY:
        done = [JobStep(words, "done") for _code, words, _percent in progress.STEPS]
        link = Link(
            _now("Download %(number)s") % {"number": pack.number},
            reverse("evidence-file", args=[pack.pk]),
        )
        return Job(pack.number, _("Ready"), 100, done, url, finished=True, result=link)
    if pack.state == PackState.FAILED:
        failed = _now("The pack could not be made: %(error)s") % {"error": pack.error}
        return Job(pack.number, _("Failed"), 100, (), url, finished=True, failed=failed)
    return _running(pack, url)


def _running(pack: EvidencePack, url: str) -> Job:
    at = progress.read(pack.pk)
    codes = [code for code, _words, _percent in progress.STEPS]
    here = codes.index(at.step) if at.step in codes else -1
    steps = [
        JobStep(words, "done" if i < here else "now" if i == here else "waiting")
        for i, (_code, words, _percent) in enumerate(progress.STEPS)
    ]
    message = progress.STEPS[here][1] if here >= 0 else _("Waiting for its turn")
    return Job(pack.number, message, at.percent, steps, url, finished=False)


def _state(pack: EvidencePack) -> Pill:
    return Pill(PACK.labels[pack.state], PACK.tones[pack.state])


def _subject(pack: EvidencePack) -> Link:
    kind = of_model(pack.subject_model)
    return Link(pack.subject_label, kind.url(pack.subject_pk) if kind else "", mono=True)


def _facts(view: View) -> Sequence[Fact]:
    pack: EvidencePack = view.record
    ready = pack.state == PackState.READY
    return [
        Fact(_("Subject"), _subject(pack)),
        Fact(_("Requested by"), pack.requested_by.name),
        Fact(_("Requested"), Moment(pack.requested_at)),
        Fact(_("Finished"), Moment(pack.finished_at) if pack.finished_at else "–"),
        Fact(pgettext_lazy("count", "Pages"), Number(str(pack.pages)) if ready else "–"),
        Fact(_("Size"), filesizeformat(pack.size) if ready else "–"),
        Fact("SHA-256", Link(pack.sha256, mono=True) if ready else "–"),
    ]


def _file(view: View) -> Section:
    return Section("file", _("File"), template="evidence/_file.html", context=job_of(view.record))


def _api(pack: EvidencePack) -> Mapping[str, Any]:
    ready = pack.state == PackState.READY
    at = progress.read(pack.pk)
    return {
        "number": pack.number,
        "subject": {
            "model": pack.subject_model,
            "id": pack.subject_pk,
            "label": pack.subject_label,
        },
        "state": pack.state,
        "percent": 100 if ready else at.percent,
        "language": pack.language,
        "requested_by": pack.requested_by.name,
        "requested_at": pack.requested_at.isoformat(),
        "finished_at": pack.finished_at.isoformat() if pack.finished_at else None,
        "sha256": pack.sha256 or None,
        "size": pack.size or None,
        "pages": pack.pages or None,
        "file": reverse("api-evidence-file", args=[pack.pk]) if ready else None,
        "error": pack.error or None,
    }


PACKS = register(
    RecordKind(
        model="audit.EvidencePack",
        noun="evidence",
        nav="audit",
        icon="file-certificate",
        label=_("Evidence pack"),
        plural=_("Evidence packs"),
        rows=packs_visible_to,
        columns=[
            ColumnSpec("state", _("State"), _state, "state"),
            ColumnSpec("number", _("Number"), lambda p: p.number, "mono", sort="number"),
            ColumnSpec("subject", _("Subject"), _subject),
            ColumnSpec("by", _("Requested by"), lambda p: p.requested_by.name),
            ColumnSpec(
                "at",
                _("Requested"),
                lambda p: Moment(p.requested_at),
                "moment",
                sort="requested_at",
            ),
            ColumnSpec(
                "pages",
                pgettext_lazy("count", "Pages"),
                lambda p: Number(str(p.pages)) if p.pages else "–",
                "number",
            ),
        ],
        api=_api,
        number=lambda p: p.number,
        title=lambda p: p.subject_label,
        state=_state,
        facts=_facts,
        sections=(_file,),
        search=("number", "subject_label"),
        filters=(FilterSpec("state", _("State"), lambda actor: PACK.choices(), lookup="state"),),
        scan=("number",),
        empty=_("No pack was requested yet. Open a lot and ask for its evidence."),
    )
)
