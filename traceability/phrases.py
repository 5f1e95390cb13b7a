"""Parts of sentences that every app's telling uses: names, days, amounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

FEW = 3
"""So many records are named one by one; of more, the sentence gives the number."""


MORE = ("…", "")
"""Stands after the first few records where there are more."""


def number(value: int) -> str:
    """Return a whole number as people of the language write it."""
    return str(number_format(value, use_l10n=True, force_grouping=True))


def names(labels: Iterable[str]) -> str:
    """Return the first few names; of more than can be read, how many more there are."""
    distinct = list(dict.fromkeys(str(label) for label in labels))
    if len(distinct) <= FEW:
        return listed(distinct)
    shown = _(", ").join(distinct[:FEW])
    return _("%(first)s and %(n)s more") % {"first": shown, "n": number(len(distinct) - FEW)}


def listed(parts: Sequence[str]) -> str:
    """Return "a, b and c"."""
    if len(parts) < 2:  # noqa: PLR2004 - one needs no "and"
        return "".join(parts)
    facts = {"first": _(", ").join(parts[:-1]), "last": parts[-1]}
    return pgettext("the last two of a list", "%(first)s and %(last)s") % facts


def when(moments: Iterable[dt.datetime | None]) -> str:
    """Return "on 2026-08-31", or "between … and …" where it happened on several days."""
    days = sorted(f"{timezone.localtime(at):%Y-%m-%d}" for at in moments if at is not None)
    if not days:
        return str(pgettext("in a sentence", "on a day not recorded"))
    if days[0] == days[-1]:
        return pgettext("in a sentence", "on %(day)s") % {"day": days[0]}
    both = {"first": days[0], "last": days[-1]}
    return pgettext("in a sentence", "between %(first)s and %(last)s") % both


def links(pairs: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Return the first few records as (number, address); where more are given, "…" says so."""
    distinct = list(dict.fromkeys(pairs))
    return distinct if len(distinct) <= FEW else [*distinct[:FEW], MORE]
