"""The history is complete whoever writes and however, and nobody can take anything out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.queries import histories_of, history_of, log_of
from erp.accounts.models import Site, User
from erp.core.history import AppendOnly, HistoryRow, Regulated
from erp.inventory.operations import hold_lot, release_hold
from erp.organisation.operations import set_language
from tests.conftest import MakePerson, ctx_for, signed
from tests.inventory.builders import lot_in_stock
from traceability.models import Lot

WRITTEN_ONCE = sorted(
    (m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnly | HistoryRow)), key=str
)
REGULATED = sorted(
    m._meta.db_table
    for m in apps.get_models()
    if issubclass(m, Regulated) and not issubclass(m, HistoryRow) and m._meta.managed
)


def execute(statement: str) -> None:
    """Run a statement of its own, so that its failure does not end the test's transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def refused(statement: str, *, run: Callable[[str], None] = execute) -> str:
    """Return the error code with which PostgreSQL refuses a statement."""
    with pytest.raises((DatabaseError, psycopg.Error)) as refusal:
        run(statement)
    cause: Any = refusal.value.__cause__ or refusal.value
    return str(cause.sqlstate)


@pytest.fixture
def as_owner(db: None) -> Iterator[Callable[[str], None]]:
    """Run statements as the owner of the tables, each undone again."""
    here = connection.settings_dict
    owner = settings.OWNER_DATABASE
    login = psycopg.connect(
        dbname=here["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"] or None,
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
    )

    def run(statement: str) -> None:
        try:
            login.execute(statement)
        finally:
            login.rollback()

    yield run
    login.close()


def changes_of(table: str) -> list[str]:
    """Return the ways to change rows of a table or to take them away."""
    key = "history_id" if "historical" in table else "id"
    return [
        f"UPDATE {table} SET {key} = {key}",  # noqa: S608 - names come from the models
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table} CASCADE",
    ]


@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_the_application_may_not_change_what_is_written_once(db: None, table: str) -> None:
    assert {refused(statement) for statement in changes_of(table)} == {"42501"}


@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize("table", [t for t in WRITTEN_ONCE if "historical" in t])
def test_the_application_may_not_write_history_itself(db: None, table: str) -> None:
    assert refused(f"INSERT INTO {table} DEFAULT VALUES") == "42501"


@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize(
    "table",
    [
        "audit_operationlog",
        "inventory_stockmove",
        "traceability_traceevent",
        "traceability_historicallot",
    ],
)
def test_even_the_owner_is_refused_by_trigger(as_owner: Callable[[str], None], table: str) -> None:
    assert {refused(statement, run=as_owner) for statement in changes_of(table)} == {"42501"}


@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize("table", REGULATED)
def test_no_regulated_table_can_be_emptied_without_a_trace(
    as_owner: Callable[[str], None], table: str
) -> None:
    assert refused(f"TRUNCATE {table} CASCADE") == "42501"
    assert refused(f"TRUNCATE {table} CASCADE", run=as_owner) == "42501"


@pytest.mark.urs("AUD-01")
def test_the_application_cannot_switch_triggers_off(db: None) -> None:
    for statement in (
        "ALTER TABLE traceability_lot DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP FUNCTION _pgtrigger_should_ignore(name)",
    ):
        assert refused(statement) == "42501"


@pytest.mark.urs("AUD-01")
def test_the_switch_of_the_trigger_library_has_no_effect(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    before = lot.history.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL pgtrigger.ignore = '{traceability_lot:history_update,history_update}'"
        )
        cursor.execute("UPDATE traceability_lot SET supplier_lot = 'X' WHERE id = %s", [lot.pk])
        cursor.execute("RESET pgtrigger.ignore")
    assert lot.history.count() == before + 1


def test_triggers_write_with_the_owners_rights_and_count_with_nobodys(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname LIKE 'pgtrigger_row_version%', bool_and(prosecdef), bool_or(prosecdef)"
            " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgname LIKE 'pgtrigger%' GROUP BY 1"
        )
        found = {counts: (every, some) for counts, every, some in cursor.fetchall()}
    assert found == {True: (False, False), False: (True, True)}


@pytest.mark.parametrize("table", [t for t in WRITTEN_ONCE if "historical" in t])
def test_history_is_indexed_by_what_is_asked_of_it_and_nothing_else(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        columns = sorted(row[0].partition(" USING ")[2] for row in cursor.fetchall())
    assert columns == [
        "brin (history_date)",
        "btree (history_id)",
        "btree (history_operation_id)",
        "btree (id)",
    ]


@pytest.mark.urs("AUD-01")
def test_the_rows_of_one_statement_say_the_same_of_who_and_when(ada: User, site: Site) -> None:
    lots = [lot_in_stock(ada, site) for _ in range(3)]
    pks = [lot.pk for lot in lots]
    Lot.objects.filter(pk__in=pks).update(supplier_lot="S-1")
    history: Any = Lot.history
    stamps = history.filter(id__in=pks, supplier_lot="S-1").values_list(
        "history_date", "history_login", "row_version"
    )
    assert len(stamps) == 3
    assert len({(at, login) for at, login, _version in stamps}) == 1


@pytest.mark.urs("AUD-01")
@pytest.mark.parametrize(
    "change",
    ["supplier_lot = 'S'", "row_version = row_version", "row_version = row_version + 7"],
    ids=["says nothing", "stands still", "jumps"],
)
def test_a_version_is_counted_whatever_a_statement_says(ada: User, site: Site, change: str) -> None:
    lot = lot_in_stock(ada, site)
    lot.refresh_from_db()
    before = lot.row_version
    execute(f"UPDATE traceability_lot SET {change} WHERE id = {lot.pk}")  # noqa: S608
    lot.refresh_from_db()
    assert lot.row_version == before + 1


@pytest.mark.urs("AUD-01")
def test_an_update_of_many_counts_each_row_once_and_by_itself(ada: User, site: Site) -> None:
    lots = [lot_in_stock(ada, site) for _ in range(2)]
    these = Lot.objects.filter(pk__in=[lot.pk for lot in lots])
    before = dict(these.values_list("pk", "row_version"))
    with CaptureQueriesContext(connection) as asked:
        assert these.update(supplier_lot="S-1") == len(lots)
    assert "row_version" in asked[0]["sql"]
    assert dict(these.values_list("pk", "row_version")) == {pk: n + 1 for pk, n in before.items()}


@pytest.mark.urs("AUD-01")
def test_direct_sql_is_recorded_under_its_login_without_an_operation(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    execute(f"UPDATE traceability_lot SET state = 'rejected' WHERE id = {lot.pk}")  # noqa: S608
    entry = history_of(lot)[0]
    assert entry.outside
    assert entry.operation_id is None
    assert entry.who == settings.APP_DATABASE_ROLE
    assert [(str(c.field), c.old, c.new) for c in entry.changes] == [
        ("state", "released", "rejected")
    ]


@pytest.mark.urs("AUD-01")
def test_bulk_writes_are_recorded_row_by_row(ada: User, site: Site) -> None:
    lots = [lot_in_stock(ada, site) for _ in range(3)]
    Lot.objects.filter(pk__in=[lot.pk for lot in lots]).update(supplier_lot="S-1")
    made = Lot.objects.bulk_create(
        [Lot(item=lots[0].item, site=site, kind="lot", number=f"B-{n}") for n in range(2)]
    )
    assert all(
        lot.history.filter(supplier_lot="S-1", history_type="~").count() == 1 for lot in lots
    )
    assert all(lot.history.filter(history_type="+").count() == 1 for lot in made)


@pytest.mark.urs("AUD-01")
def test_a_change_names_person_operation_reason_and_version(
    ada: User, ben: User, site: Site
) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    release_hold(signed(ada, reason="measured again", address="10.1.2.3"), hold_id=hold.pk)
    newest, oldest = history_of(hold)
    assert (newest.who, newest.what, newest.reason) == (
        "Ada",
        "inventory.release_hold",
        "measured again",
    )
    assert (newest.address, newest.version, oldest.version) == ("10.1.2.3", 2, 1)
    changed = {str(c.field): (c.old, c.new) for c in newest.changes}
    assert changed["released by"] == (None, "Ada")
    assert oldest.kind == "+"
    assert [entry.code for entry in log_of(hold)] == [
        "inventory.hold_lot",
        "inventory.release_hold",
    ]


@pytest.mark.urs("AUD-01")
def test_a_step_and_an_addition_are_no_alteration_of_what_was_entered(
    ada: User, ben: User, site: Site
) -> None:
    lot = lot_in_stock(ada, site)
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    release_hold(signed(ada, reason="measured again"), hold_id=hold.pk)
    set_language(ctx_for(ben), language="zh-hans")
    assert [entry.is_altered for entry in history_of(hold)] == [False, False]
    assert not history_of(lot)[-1].is_altered
    assert history_of(ben)[0].is_altered


@pytest.mark.urs("AUD-01")
def test_a_change_outside_the_door_is_always_an_alteration(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    execute(f"UPDATE traceability_lot SET state = 'rejected' WHERE id = {lot.pk}")  # noqa: S608
    assert history_of(lot)[0].is_altered


@pytest.mark.urs("AUD-01")
def test_an_old_name_stays_in_what_was_done_under_it(ada: User, ben: User, site: Site) -> None:
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    User.objects.filter(pk=ben.pk).update(name="Benjamin")
    assert history_of(hold)[0].who == "Ben"


@pytest.mark.urs("AUD-01")
def test_the_history_costs_the_same_queries_however_long_it_is(
    ada: User, person: MakePerson, site: Site
) -> None:
    lots = [lot_in_stock(ada, site) for _ in range(4)]
    short = CaptureQueriesContext(connection)
    with short:
        histories_of(lots[:1])
    for number in range(20):
        Lot.objects.filter(pk__in=[lot.pk for lot in lots]).update(supplier_lot=f"S-{number}")
    with CaptureQueriesContext(connection) as long:
        found = histories_of(lots)
    assert len(long) == len(short)
    assert [len(entries) for entries in found.values()] == [21] * 4


def test_history_keeps_that_a_person_changed_but_no_password(ada: User) -> None:
    before = ada.history.count()
    ada.set_password("another long password")
    ada.save(update_fields=["password"])
    assert ada.history.count() == before + 1
    assert not hasattr(ada.history.first(), "password")
    assert history_of(ada)[0].changes == []
