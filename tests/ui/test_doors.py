"""The other doors: dialogs, home, scan, switches, health, the command line, versions of records."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import OperationLog
from erp.accounts.models import Site, User
from erp.inventory.models import Hold
from erp.operations import REGISTRY
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import place
from tests.ui.conftest import As
from traceability.models import Lot

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of 100 in store."""
    return lot_in_stock(ben, site, number="R-1042")


@pytest.fixture
def web(ben: User, signed_in: As) -> Client:
    """Return Ben's browser."""
    return signed_in(ben)


def hold_url(lot: Lot) -> str:
    """Return the address of the dialog that holds a lot."""
    return f"/do/inventory.hold_lot/{lot.pk}/"


class TestDialog:
    """The page of an operation."""

    def test_it_says_what_happens_and_asks_for_the_reason(self, web: Client, lot: Lot) -> None:
        page = web.get(hold_url(lot)).content.decode()
        assert "This lot and every unit in it stops at once" in page
        assert 'name="reason"' in page
        assert "<html" in page

    def test_it_is_a_fragment_for_htmx(self, web: Client, lot: Lot) -> None:
        page = web.get(hold_url(lot), headers=HTMX).content.decode()
        assert "<form" in page
        assert "<html" not in page

    def test_done_without_htmx_it_redirects_to_the_record(self, web: Client, lot: Lot) -> None:
        answer = web.post(hold_url(lot), {"cause": "quality", "reason": "dent"})
        hold = Hold.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/holds/{hold.pk}/")
        assert OperationLog.objects.get(code="inventory.hold_lot").channel == "web"
        assert hold.number in web.get(answer["Location"]).content.decode()

    def test_done_with_htmx_it_says_where_to_go(self, web: Client, lot: Lot) -> None:
        answer = web.post(hold_url(lot), {"cause": "quality", "reason": "dent"}, headers=HTMX)
        assert answer.status_code == 204
        assert answer["HX-Redirect"] == f"/holds/{Hold.objects.get().pk}/"

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_refused_it_keeps_what_was_typed_and_lists_the_blockers(
        self, web: Client, lot: Lot, site: Site, headers: dict[str, str]
    ) -> None:
        typed = {
            "from_location_id": place(site, "storage").pk,
            "to_location_id": place(site, "line").pk,
            "status": "available",
            "quantity": "100000",
        }
        answer = web.post(f"/do/inventory.transfer_stock/{lot.pk}/", typed, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert 'value="100000"' in page
        assert "R-1042: 100000 asked" in page

    def test_a_fault_of_a_field_is_422(self, web: Client, lot: Lot) -> None:
        answer = web.post(hold_url(lot), {"cause": "boredom", "reason": "because"})
        assert answer.status_code == 422
        assert "because" in answer.content.decode()

    def test_a_missing_reason_is_422(self, web: Client, lot: Lot) -> None:
        assert web.post(hold_url(lot), {"cause": "quality"}).status_code == 422
        assert not Hold.objects.exists()

    def test_values_in_the_address_fill_it(self, web: Client, lot: Lot, site: Site) -> None:
        line = place(site, "line")
        page = web.get(
            f"/do/inventory.transfer_stock/{lot.pk}/?quantity=7&to_location_id={line.pk}&x=1"
        )
        assert 'value="7"' in page.content.decode()
        assert f'value="{line.pk}" selected' in page.content.decode()

    def test_sent_twice_it_is_done_once(self, web: Client, lot: Lot) -> None:
        form = {"cause": "quality", "reason": "dent", "idempotency_key": "twice"}
        assert [web.post(hold_url(lot), form).status_code for _ in range(2)] == [302, 302]
        assert Hold.objects.count() == 1

    def test_a_stale_version_is_refused(self, web: Client, ada: User, lot: Lot) -> None:
        old = lot.row_version
        Lot.objects.filter(pk=lot.pk).update(supplier_lot="X")
        answer = web.post(hold_url(lot), {"cause": "quality", "reason": "dent", "version": old})
        assert answer.status_code == 409

    def test_another_sites_record_has_no_dialog(self, dan: User, lot: Lot, signed_in: As) -> None:
        assert signed_in(dan).get(hold_url(lot)).status_code == 404

    def test_an_unknown_operation_is_404(self, web: Client) -> None:
        assert web.get("/do/no.such_thing/").status_code == 404


class TestScan:
    """The box for everything."""

    def test_one_hit_leads_straight_to_its_record(self, web: Client, lot: Lot) -> None:
        assert web.get("/scan/?q=r-1042")["Location"] == f"/lots/{lot.pk}/"

    def test_a_part_of_a_number_shows_what_fits(
        self, web: Client, ben: User, site: Site, lot: Lot
    ) -> None:
        other = lot_in_stock(ben, site, number="R-1043")
        page = web.get("/scan/?q=R-104").content.decode()
        assert f"/lots/{lot.pk}/" in page
        assert f"/lots/{other.pk}/" in page

    def test_nothing_found_is_said_with_404(self, web: Client) -> None:
        assert web.get("/scan/?q=nothing-like-this").status_code == 404

    def test_another_sites_lot_is_not_found(self, dan: User, lot: Lot, signed_in: As) -> None:
        assert signed_in(dan).get("/scan/?q=R-1042").status_code == 404

    @pytest.mark.parametrize(
        "text", ["\x00", "%", "'; --", "x" * 10_000, "\ud83d\ude00", "]C101", "(01)"]
    )
    def test_no_text_breaks_it(self, web: Client, text: str) -> None:
        assert web.get(
            "/scan/", {"q": text.encode("utf-16", "surrogatepass").decode("utf-16")}
        ).status_code in {
            200,
            302,
            404,
        }

    def test_without_a_code_it_is_the_scan_station(self, web: Client) -> None:
        assert 'id="station-scan"' in web.get("/scan/").content.decode()


class TestHome:
    """What waits for me."""

    def test_a_hold_in_force_waits_for_those_who_may_release_it(
        self, web: Client, ada: User, cleo: User, lot: Lot, signed_in: As
    ) -> None:
        web.post(hold_url(lot), {"cause": "quality", "reason": "dent"})
        number = Hold.objects.get().number
        assert number in signed_in(ada).get("/").content.decode()
        assert number not in signed_in(cleo).get("/").content.decode()

    def test_nobody_is_sent_to_sign_in(self) -> None:
        answer = Client().get("/")
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


class TestSwitches:
    """Site and language."""

    def test_the_site_narrows_lists_until_it_is_taken_away(
        self, ada: User, ben: User, lot: Lot, other_site: Site, signed_in: As
    ) -> None:
        web = signed_in(ada)
        lot_in_stock(ada, other_site, number="S-2000")
        web.post("/switch/site/", {"site": lot.site_id, "next": "/lots/"})
        assert "S-2000" not in web.get("/lots/").content.decode()
        web.post("/switch/site/", {"site": ""})
        assert "S-2000" in web.get("/lots/").content.decode()

    def test_a_site_one_does_not_work_at_cannot_be_chosen(
        self, web: Client, other_site: Site
    ) -> None:
        web.post("/switch/site/", {"site": other_site.pk})
        assert "site" not in web.session

    def test_a_language_is_kept_before_sign_in(self) -> None:
        answer = Client().post(
            "/switch/language/", {"language": "zh-hans", "next": "/accounts/login/"}
        )
        assert answer["Location"] == "/accounts/login/"
        assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"

    def test_an_unknown_language_is_not_kept(self, web: Client) -> None:
        assert (
            settings.LANGUAGE_COOKIE_NAME
            not in web.post("/switch/language/", {"language": "xx"}).cookies
        )

    @pytest.mark.parametrize(
        "target", ["https://example.org/", "//example.org", "javascript:alert(1)"]
    )
    def test_a_switch_leads_nowhere_else(self, web: Client, target: str) -> None:
        for name in ("site", "language"):
            assert web.post(f"/switch/{name}/", {"next": target})["Location"] == "/"


class TestHealth:
    """The address that a supervisor asks."""

    def test_it_answers_without_sign_in(self) -> None:
        answer = Client().get("/health/")
        assert (answer.status_code, answer.json()) == (200, {"database": "ok", "redis": "ok"})

    def test_it_names_what_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(*_args: Any) -> None:
            raise ConnectionError

        monkeypatch.setattr(cache, "set", gone)
        answer = Client().get("/health/")
        assert answer.status_code == 503
        assert answer.json() == {"database": "ok", "redis": "ConnectionError"}


class TestCommandLine:
    """``manage.py do``."""

    def run(self, *arguments: Any, **more: Any) -> tuple[str, str]:
        """Return what the command wrote to both outputs."""
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("do", *arguments, stdout=out, stderr=err, **more)
        finally:
            self.err = err.getvalue()
        return out.getvalue(), self.err

    def test_it_does_what_the_pages_do(self, ben: User, lot: Lot) -> None:
        out, _ = self.run(
            "inventory.hold_lot", lot.pk, "--as=ben", "--set=cause=quality", "--reason=dent"
        )
        assert Hold.objects.get().number in out
        assert OperationLog.objects.get(code="inventory.hold_lot").channel == "cli"

    def test_a_refusal_ends_with_its_code_and_a_problem_document(
        self, cleo: User, lot: Lot
    ) -> None:
        with pytest.raises(CommandError, match=r"core\.not_permitted"):
            self.run("inventory.hold_lot", lot.pk, "--as=cleo", "--set=cause=quality", "--reason=x")
        assert json.loads(self.err)["status"] == 403

    @pytest.mark.parametrize("arguments", [("--as=nobody",), ("--as=ben", "--data={")])
    def test_nobody_and_broken_json_are_refused(
        self, ben: User, lot: Lot, arguments: tuple[str, ...]
    ) -> None:
        with pytest.raises(CommandError):
            self.run("inventory.hold_lot", lot.pk, *arguments)
        assert not Hold.objects.exists()

    def test_an_unknown_operation_is_refused(self, ben: User) -> None:
        with pytest.raises(CommandError, match=r"core\.not_found"):
            self.run("no.such_thing", "--as=ben")


class TestRecords:
    """Reading records."""

    def test_a_record_tells_its_version(self, web: Client, lot: Lot) -> None:
        answer = web.get(f"/api/v1/lots/{lot.pk}/")
        assert answer["ETag"] == f'"{lot.row_version}"'
        assert answer.json()["version"] == lot.row_version
        assert answer.json()["number"] == "R-1042"

    def test_a_list_tells_the_real_count_and_the_next_page(
        self, web: Client, ben: User, site: Site
    ) -> None:
        for _ in range(3):
            lot_in_stock(ben, site)
        first = web.get("/api/v1/lots/?limit=2").json()
        assert (first["count"], len(first["results"])) == (3, 2)
        rest = web.get("/api/v1/lots/", {"limit": 2, "after": first["next"]}).json()
        assert len(rest["results"]) == 1
        assert not rest["next"]

    @pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "1e3"])
    def test_a_limit_out_of_range_is_refused(self, web: Client, limit: str) -> None:
        assert web.get(f"/api/v1/lots/?limit={limit}").status_code == 422

    @pytest.mark.parametrize("path", ["/lots/987654321/", "/no-such-kind/", "/no-such-kind/1/"])
    def test_what_is_not_there_is_a_404_page_that_helps(self, web: Client, path: str) -> None:
        answer = web.get(path)
        assert answer.status_code == 404
        assert "<html" in answer.content.decode()

    def test_the_openapi_document_describes_every_operation_by_its_own_words(
        self, web: Client
    ) -> None:
        answer = web.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
        paths: dict[str, Any] = json.loads(answer.content)["paths"]
        described = {
            (path, entry["post"]["summary"])
            for path, entry in paths.items()
            if "post" in entry and "summary" in entry["post"]
        }
        for op in REGISTRY.values():
            middle = "{id}/" if op.subject else ""
            assert (f"/api/v1/{op.noun}/{middle}{op.verb}/", str(op.title)) in described, op.code

    def test_pages_may_load_nothing_from_elsewhere(self, web: Client) -> None:
        policy = web.get("/")["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
