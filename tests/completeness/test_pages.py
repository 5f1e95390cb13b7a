"""Pages and API of checks and findings, and the work of the background."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from erp.accounts.models import Site, User
from erp.core import outbox
from erp.core.models import OutboxMessage
from tests.completeness.builders import check, service_account
from tests.completeness.test_checks import PLANTED, dangling
from tests.conftest import ctx_for
from traceability.completeness import delivery, progress, steps
from traceability.completeness.models import CheckRun, Finding
from traceability.completeness.operations import check_evidence
from traceability.completeness.registry import ordered_checks

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def service(db: None) -> User:
    """Return the account that checks at night."""
    return service_account()


def test_the_page_of_a_check_shows_every_check_the_sites_and_the_items(
    ada: User, site: Site
) -> None:
    lot = dangling(ada, site)
    run = check(ada)
    text = browser(ada).get(f"/evidence-checks/{run.pk}/").content.decode()
    for one in ordered_checks():
        assert str(one.title).replace("’", "’") in text
    assert lot.item.code in text
    assert site.code in text


def test_a_person_of_another_site_sees_nothing_of_ours_in_a_check(
    ada: User, dan: User, site: Site
) -> None:
    lot = dangling(ada, site)
    run = check(ada)
    text = browser(dan).get(f"/evidence-checks/{run.pk}/").content.decode()
    assert lot.item.code not in text
    assert site.name not in text
    assert "100 %" in text


def test_the_list_of_findings_filters_by_check_age_owner_and_site(ada: User, site: Site) -> None:
    dangling(ada, site)
    check(ada)
    client = browser(ada)
    one = Finding.objects.open().filter(check_code="used_without_origin").get()
    for query, there in (
        ("?state=open&check=used_without_origin&owner=none", True),
        (f"?site={site.pk}", True),
        ("?age=week", False),
        ("?check=serial_twice", False),
    ):
        answer = client.get(f"/evidence-findings/{query}")
        assert answer.status_code == 200
        assert (one.number in answer.content.decode()) is there, query


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_finding_reads_well_in_both_languages(language: str, ada: User, site: Site) -> None:
    for plant, _besides in PLANTED.values():
        plant(ada, site)
    check(ada)
    client = browser(ada)
    with translation.override(language):
        for pk in Finding.objects.open().values_list("pk", flat=True)[:30]:
            answer = client.get(f"/evidence-findings/{pk}/", headers={"accept-language": language})
            assert answer.status_code == 200
            assert "%(" not in answer.content.decode()


def test_the_api_gives_findings_with_their_sentence_and_their_repair(ada: User, site: Site) -> None:
    lot = dangling(ada, site)
    check(ada)
    body = browser(ada).get("/api/v1/evidence-findings/?check=used_without_origin").json()
    row = body["results"][0]
    assert row["lot_id"] == lot.pk
    assert row["detail"].startswith("5 of it were used")
    assert row["repairs_with"] == ["traceability.record_missing_origin"]


def test_home_shows_the_score_and_the_work_to_quality(ada: User, site: Site) -> None:
    dangling(ada, site)
    check(ada)
    text = browser(ada).get("/").content.decode()
    assert "Evidence" in text
    assert "Missing evidence" in text


def test_the_worker_carries_a_check_out_once(ada: User, service: User, site: Site) -> None:
    dangling(ada, site)
    run = check_evidence(ctx_for(ada))
    message = OutboxMessage.objects.get(topic="evidence.check", key=run.number)
    delivery.deliver(message)
    run.refresh_from_db()
    assert run.state == "done"
    findings = Finding.objects.count()
    delivery.deliver(message)
    assert Finding.objects.count() == findings
    assert progress.read(run.pk) <= 99


def test_a_check_that_cannot_be_finished_says_so_and_leaves_nothing(
    ada: User, service: User, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    dangling(ada, site)
    run = check_evidence(ctx_for(ada))
    message = OutboxMessage.objects.get(topic="evidence.check", key=run.number)
    message.attempts = outbox.MAX_ATTEMPTS

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(steps, "_count", broken)
    with pytest.raises(RuntimeError):
        delivery.deliver(message)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "RuntimeError: the disk is full")
    assert not Finding.objects.exists()
    text = browser(ada).get(f"/evidence-checks/{run.pk}/").content.decode()
    assert "the disk is full" in text


def test_the_progress_is_shown_while_it_runs(ada: User, site: Site) -> None:
    run = check_evidence(ctx_for(ada))
    progress.report(run.pk, 1, 4)
    client = browser(ada)
    assert "25" in client.get(f"/evidence-checks/{run.pk}/progress/").content.decode()
    assert client.get("/evidence-checks/99999/progress/").status_code == 404
    assert CheckRun.objects.get(pk=run.pk).state == "queued"
