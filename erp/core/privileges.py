"""What the application's database role may do, decided by what each table is (design 4).

The web process logs in as a role that owns nothing. It may read everything, insert and update
ordinary tables, only insert into append-only tables, and write no history at all: history rows come
from trigger functions that run with the owner's rights. Run by the owner after every migration.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

from erp.core.history import AppendOnly, HistoryRow

# pgtrigger ships a per-session off switch (the setting ``pgtrigger.ignore``). Evidence has none.
NO_OFF_SWITCH = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME)
    RETURNS BOOLEAN AS $$ SELECT FALSE $$ LANGUAGE sql IMMUTABLE
"""

# The trigger that counts versions writes to no table and runs for every row: it needs nobody's
# rights, and to change user and search path each time would cost more than its work.
RUN_AS_OWNER = """
    DO $$ DECLARE f regprocedure; BEGIN
      FOR f IN
        SELECT p.oid::regprocedure FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.proname LIKE 'pgtrigger%' AND NOT p.prosecdef
          AND p.proname NOT LIKE 'pgtrigger_row_version%'
          AND pg_get_userbyid(p.proowner) = current_user
      LOOP
        EXECUTE format(
          'ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', f);
      END LOOP;
      FOR f IN
        SELECT p.oid::regprocedure FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND p.proname LIKE 'pgtrigger_row_version%'
          AND p.prosecdef AND pg_get_userbyid(p.proowner) = current_user
      LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY INVOKER RESET ALL', f);
      END LOOP; END $$
"""


class Derived(Model):
    """Mixin for tables that only a trigger writes (balances)."""

    class Meta:
        abstract = True


def apply() -> None:
    """Set functions and privileges; connected as the owner of the tables."""
    role = settings.APP_DATABASE_ROLE
    with connection.cursor() as cursor:
        cursor.execute(NO_OFF_SWITCH)
        cursor.execute(RUN_AS_OWNER)
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')
        cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        for table, rights in _rights():
            cursor.execute(f'GRANT {rights} ON "{table}" TO "{role}"')


def _rights() -> Iterator[tuple[str, str]]:
    yield "django_migrations", "SELECT"
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model._meta.db_table, rights_of(model)


def rights_of(model: type[Model]) -> str:
    """Return the privileges of the application's role on the table of ``model``."""
    if issubclass(model, HistoryRow | Derived):
        return "SELECT"
    if issubclass(model, AppendOnly):
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE"
