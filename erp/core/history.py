"""Complete history, written by PostgreSQL and not by this process (design 4).

A regulated model derives from :class:`Regulated`. django-simple-history gives it its history table
and the API (``lot.history``, ``as_of``, ``diff_against``); the rows are written by statement-level
triggers with transition tables, so ``bulk_create``, ``queryset.update``, ``COPY`` and plain SQL are
all recorded. Every row carries the operation it belongs to, passed as transaction-local settings;
a change outside the door carries none and shows the database login instead.

Sources: 21 CFR 11.10(e); EU GMP Annex 11, 9.
"""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import connection, models
from django.db.models import F
from simple_history.models import HistoricalRecords

M = TypeVar("M", bound=models.Model)

SET_CONTEXT = """
    SELECT set_config('proofline.operation', %s, true), set_config('proofline.actor', %s, true),
           set_config('proofline.reason', %s, true), set_config('proofline.channel', %s, true),
           set_config('proofline.address', %s, true), set_config('lock_timeout', %s, true)
"""


def stamp_transaction(
    *,
    operation_id: uuid.UUID,
    user_id: int,
    reason: str,
    channel: str,
    address: str,
    lock_timeout_ms: int,
) -> None:
    """Pass who and why to the triggers, for the present transaction only."""
    with connection.cursor() as cursor:
        cursor.execute(
            SET_CONTEXT,
            [str(operation_id), str(user_id), reason, channel, address, f"{lock_timeout_ms}ms"],
        )


SECRETS = ("password",)
"""Fields whose values no history keeps: an old password hash proves nothing and can be attacked."""


class HistoryRow(models.Model):
    """What every history row says beside the values: operation, channel, address, database
    login.
    """

    history_operation_id = models.UUIDField(null=True, db_index=True)
    # Null, not empty: a change outside the door came through no channel.
    history_channel = models.TextField(null=True)  # noqa: DJ001
    history_address = models.TextField(null=True)  # noqa: DJ001
    history_login = models.TextField()

    class Meta:
        abstract = True


class TriggeredHistory(HistoricalRecords):  # type: ignore[misc]
    """History tables of django-simple-history whose rows come from triggers and never change.

    They are indexed by the questions put to them and by nothing else: the changes of a record (its
    key), of an operation, and of a span of time (block ranges: rows arrive in the order of their
    time). Every further index is paid for with each row written, and most of all by bulk updates.
    """

    _date_indexing = False

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Add the append-only triggers and the index by time to the history table."""
        options: dict[str, Any] = super().get_meta_options(model)
        options["triggers"] = append_only()
        options["indexes"] = [*options.get("indexes", ()), BrinIndex(fields=["history_date"])]
        return options

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        """Copy the fields without their indexes, the record's key apart."""
        fields: dict[str, Any] = super().copy_fields(model)
        for field in fields.values():
            field.db_index = field.name == model._meta.pk.attname
        return fields

    def _get_history_user_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super()._get_history_user_fields()
        fields["history_user"].db_index = False
        return fields


def _setting(name: str) -> str:
    return f"NULLIF(current_setting('proofline.{name}', true), '')"


STAMPS = {
    "history_date": "timestamptz := clock_timestamp()",
    "history_change_reason": f"text := {_setting('reason')}",
    "history_user_id": f"bigint := {_setting('actor')}",
    "history_operation_id": f"uuid := {_setting('operation')}",
    "history_channel": f"text := {_setting('channel')}",
    "history_address": f"text := {_setting('address')}",
    "history_login": "text := session_user",
}
"""What every row of one statement says beside its values: read once, not once per row."""


class HistoryTrigger(pgtrigger.Trigger):
    """Copies the rows of one statement into the history table.

    ``kind`` is the letter of django-simple-history: ``+`` created, ``~`` changed, ``-`` deleted.
    """

    when = pgtrigger.After
    level = pgtrigger.Statement

    def __init__(self, *, name: str, kind: str, operation: pgtrigger.Operation, table: str) -> None:
        self.kind = kind
        self.rows = table
        referencing = pgtrigger.Referencing(**{"old" if kind == "-" else "new": table})  # type: ignore[no-untyped-call]
        super().__init__(name=name, operation=operation, referencing=referencing)

    def get_declare(self, model: type[models.Model]) -> list[tuple[str, str]]:  # type: ignore[override]
        """Return the variables that hold who, why and when for the whole statement."""
        return [(f"_{column}", value) for column, value in STAMPS.items()]

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        """Return the INSERT … SELECT that writes one history row per changed row."""
        # Migrations hand over a model without its manager, so the table is named by convention.
        history = f"{model._meta.app_label}_historical{model._meta.model_name}"
        columns = [f'"{f.column}"' for f in model._meta.concrete_fields if f.name not in SECRETS]
        names = ", ".join([*columns, "history_type", *STAMPS])
        values = ", ".join(
            [*(f"r.{c}" for c in columns), f"'{self.kind}'", *(f"_{c}" for c in STAMPS)]
        )
        return (
            f'INSERT INTO "{history}" ({names}) SELECT {values} FROM {self.rows} r; '  # noqa: S608
            "RETURN NULL;"
        )


def history_triggers() -> list[pgtrigger.Trigger]:
    """Return the three statement-level triggers that write history."""
    return [
        HistoryTrigger(
            name="history_insert", kind="+", operation=pgtrigger.Insert, table="new_rows"
        ),
        HistoryTrigger(
            name="history_update", kind="~", operation=pgtrigger.Update, table="new_rows"
        ),
        HistoryTrigger(
            name="history_delete", kind="-", operation=pgtrigger.Delete, table="old_rows"
        ),
    ]


def append_only() -> list[pgtrigger.Trigger]:
    """Return the trigger that refuses UPDATE, DELETE and TRUNCATE, to the table's owner too."""
    return [
        pgtrigger.Trigger(
            name="append_only",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
            func="RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = '42501';",
        )
    ]


def never_truncated() -> list[pgtrigger.Trigger]:
    """Return the trigger that refuses TRUNCATE, which would leave no history row."""
    return [
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'table % is regulated', TG_TABLE_NAME USING ERRCODE = '42501';",
        )
    ]


def version_trigger() -> list[pgtrigger.Trigger]:
    """Return the trigger that counts the versions of a row, whoever changes it.

    It has no work, and is not called, where the statement counted rightly by itself.
    """
    return [
        pgtrigger.Trigger(
            name="row_version",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Condition("NEW.row_version IS DISTINCT FROM OLD.row_version + 1"),
            func="NEW.row_version := OLD.row_version + 1; RETURN NEW;",
        )
    ]


class RegulatedQuerySet(models.QuerySet[M]):
    """Rows under history; an update of many counts their versions in its own statement.

    A trigger called for every row would cost a third of the update itself.
    """

    def update(self, **values: Any) -> int:
        """Change the rows and count their versions; return how many rows there were."""
        return super().update(**{"row_version": F("row_version") + 1, **values})

    update.alters_data = True  # type: ignore[attr-defined]


class Regulated(models.Model):
    """A record under history: counted versions, complete history, no truncation."""

    row_version = models.PositiveIntegerField(default=1, editable=False)
    history = TriggeredHistory(
        inherit=True,
        excluded_fields=list(SECRETS),
        bases=[HistoryRow],
        # These tables only grow: two thousand million rows must not be their end.
        history_id_field=models.BigAutoField(),
        history_change_reason_field=models.TextField(null=True),
        user_db_constraint=False,
    )

    class Meta:
        abstract = True
        triggers = [*history_triggers(), *version_trigger(), *never_truncated()]


class AppendOnly(models.Model):
    """A record that is written once: the database refuses every later change."""

    class Meta:
        abstract = True
        triggers = append_only()
