"""Rules that hold for every table."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from erp.accounts.models import User
from erp.core.history import AppendOnly, HistoryRow, Regulated, RegulatedQuerySet
from erp.core.privileges import rights_of

OURS = [
    m
    for m in apps.get_models()
    if m.__module__.split(".")[0]
    in {"erp", "audit", "traceability", "equipment", "procurement", "quality", "recall"}
]


RECORDS = [m for m in OURS if not issubclass(m, HistoryRow)]
"""History keeps values, not constraints."""


@pytest.mark.parametrize("model", RECORDS, ids=lambda m: m._meta.label)
def test_nothing_is_deleted_by_a_chain_of_foreign_keys(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey | models.OneToOneField):
            assert field.remote_field.on_delete is models.PROTECT, field.name


@pytest.mark.django_db
@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_the_application_role_has_exactly_the_rights_the_table_allows(
    model: type[models.Model],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege FROM"
            " unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','TRIGGER']) privilege"
            " WHERE has_table_privilege(current_user, %s, privilege)",
            [model._meta.db_table],
        )
        held = {row[0] for row in cursor.fetchall()}
    assert held == set(rights_of(model).split(", "))


@pytest.mark.django_db
@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize(
    "model", [m for m in OURS if issubclass(m, Regulated)], ids=lambda m: m._meta.label
)
def test_every_regulated_table_has_its_history_triggers(model: type[models.Model]) -> None:
    assert _triggers(model) >= {
        "history_insert",
        "history_update",
        "history_delete",
        "row_version",
        "no_truncate",
    }


@pytest.mark.parametrize(
    "model",
    [m for m in OURS if issubclass(m, Regulated) and m is not User],
    ids=lambda m: m._meta.label,
)
def test_every_regulated_model_counts_versions_in_its_own_updates(
    model: type[models.Model],
) -> None:
    assert isinstance(model._default_manager.all(), RegulatedQuerySet), (
        "say `objects = RegulatedQuerySet[…].as_manager()`: else every changed row calls a trigger"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model",
    [m for m in OURS if issubclass(m, AppendOnly | HistoryRow)],
    ids=lambda m: m._meta.label,
)
def test_every_append_only_table_refuses_changes(model: type[models.Model]) -> None:
    assert "append_only" in _triggers(model)


def _triggers(model: type[models.Model]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        rows = cursor.fetchall()
    assert all(enabled in {"O", "A"} for _name, enabled in rows)
    return {name.removeprefix("pgtrigger_").rsplit("_", 1)[0] for name, _enabled in rows}
