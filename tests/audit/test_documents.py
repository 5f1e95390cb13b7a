"""Documents are kept unchanged under their hash and leave only for those who may see the record."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit import attachments
from audit.errors import FileEmpty, FileKindRefused, FileTooLarge
from audit.models import Attachment
from audit.queries import attachments_of
from erp.accounts.models import SecurityEvent, Site, User
from erp.core.errors import NotFound
from tests.audit.builders import PDF, attach, upload
from tests.inventory.builders import lot_in_stock


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.urs("TRC-09")
def test_a_document_is_kept_once_under_its_hash(ada: User, site: Site) -> None:
    first, second = (attach(ada, lot_in_stock(ada, site)) for _ in range(2))
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert first.sha256 == second.sha256 == sha256
    assert attachments.path_of(sha256).read_bytes() == PDF
    assert attachments.path_of(sha256).stat().st_mode & 0o222 == 0
    assert [p for p in (attachments.path_of(sha256).parents[1]).iterdir() if p.is_file()] == []


@pytest.mark.urs("TRC-09")
def test_a_changed_file_is_noticed_and_not_sent(ada: User, site: Site, client: Client) -> None:
    made = attach(ada, lot_in_stock(ada, site))
    path = attachments.path_of(made.sha256)
    path.chmod(0o640)
    path.write_bytes(PDF + b"x")
    assert not attachments.is_intact(made.sha256)
    client.force_login(ada)
    assert client.get(f"/attachments/{made.pk}/").status_code == 500


@pytest.mark.urs("TRC-09")
def test_empty_oversized_and_disguised_files_are_refused(
    ada: User, site: Site, settings: Any
) -> None:
    lot = lot_in_stock(ada, site)
    settings.MAX_UPLOAD_BYTES = 1000
    cases = [
        (upload(b""), FileEmpty),
        (upload(PDF + b"0" * 1000), FileTooLarge),
        (upload(b"<html><script>", "x.html", "text/html"), FileKindRefused),
        (upload(b"MZ\x90\x00", "cert.pdf", "application/pdf"), FileKindRefused),
        (upload(b"a\x00b", "a.txt", "text/plain"), FileKindRefused),
    ]
    for file, refusal in cases:
        with pytest.raises(refusal):
            attach(ada, lot, file=file)
    assert attachments_of(lot) == []


@pytest.mark.urs("SEC-01")
def test_a_document_leaves_as_a_download_and_is_logged(
    ada: User, site: Site, client: Client
) -> None:
    made = attach(ada, lot_in_stock(ada, site))
    client.force_login(ada)
    response: Any = client.get(f"/attachments/{made.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == 'attachment; filename="cert.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert SecurityEvent.objects.filter(kind="exported", username="ada").exists()


@pytest.mark.urs("SEC-01")
def test_a_stranger_neither_sees_nor_attaches(
    ada: User, dan: User, site: Site, client: Client
) -> None:
    lot = lot_in_stock(ada, site)
    made = attach(ada, lot)
    client.force_login(dan)
    assert client.get(f"/attachments/{made.pk}/").status_code == 404
    with pytest.raises(NotFound):
        attach(dan, lot)
    assert Attachment.objects.count() == 1


@pytest.mark.urs("SEC-01")
def test_nobody_downloads_without_signing_in(ada: User, site: Site, client: Client) -> None:
    made = attach(ada, lot_in_stock(ada, site))
    assert client.get(f"/attachments/{made.pk}/").status_code == 302
