#!/usr/bin/env bash
# Once a day: the database, then the attachments and keys beside it. A backup counts only when
# it can be read back, so each is listed before older ones are removed.
set -euo pipefail

keep_days="${BACKUP_DAYS:-30}"

backup_once() {
    local stamp database files
    stamp="$(date --utc +%Y%m%dT%H%M%SZ)"
    database="/backup/proofline-${stamp}.dump"
    files="/backup/proofline-${stamp}.tar.gz"
    pg_dump --format=custom --file="${database}.part" proofline
    pg_restore --list "${database}.part" > /dev/null
    mv "${database}.part" "${database}"
    # Attachments are named by their content and never change: no need to stop anything.
    tar --create --gzip --directory=/data --exclude=./static --file="${files}.part" .
    tar --list --gzip --file="${files}.part" > /dev/null
    mv "${files}.part" "${files}"
    find /backup -name 'proofline-*' -mtime "+${keep_days}" -delete
    echo "backup ${stamp} done"
}

if [[ "${1:-}" == "once" ]]; then
    backup_once
    exit
fi
while true; do
    # A failed backup is told in the log and tried again in an hour, not tomorrow.
    if backup_once; then sleep 86400; else echo "backup FAILED" >&2; sleep 3600; fi
done
