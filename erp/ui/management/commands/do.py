"""The command-line door: ``manage.py do quality.release_lot 17 --as ada --set comment=ok
--sign``.
"""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erp.accounts.models import User
from erp.accounts.queries import actor_for
from erp.core.context import Channel, Context, SigningProof
from erp.core.errors import DomainError
from erp.operations import Operation
from erp.operations.registry import find
from erp.ui.middleware import problem
from erp.ui.request import told_time


class Command(BaseCommand):
    """Carries out one operation as a named person; a refusal exits with 1 and its code."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("code", help="the operation, for example quality.release_lot")
        parser.add_argument("record", nargs="?", type=int, help="the id of the record it acts on")
        parser.add_argument("--as", dest="user", required=True, help="user name of who acts")
        parser.add_argument("--data", default="{}", help="the input as a JSON object")
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help="one input field"
        )
        parser.add_argument("--reason", default="")
        parser.add_argument("--at", default="", help="when it happened, if not now")
        parser.add_argument("--sign", action="store_true", help="ask for the password and sign")

    def handle(self, *args: Any, **options: Any) -> None:
        """Call the operation and print the record it answers with."""
        try:
            op = find(options["code"])
            result = op(self._context(op, options), **self._values(op, options))
        except DomainError as refusal:
            self.stderr.write(json.dumps(problem(refusal), ensure_ascii=False, indent=2))
            raise CommandError(refusal.code, returncode=1) from refusal
        self.stdout.write(f"{op.code}: {result}")

    def _values(self, op: Operation[Any, Any], options: dict[str, Any]) -> dict[str, Any]:
        try:
            values: dict[str, Any] = json.loads(options["data"])
        except ValueError as error:
            raise CommandError(f"--data is not JSON: {error}") from error
        for pair in options["set"]:
            name, _sep, value = pair.partition("=")
            values[name] = value
        if op.subject:
            values[op.subject_arg] = options["record"]
        return values

    def _context(self, op: Operation[Any, Any], options: dict[str, Any]) -> Context:
        user = User.objects.filter(username__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active person or service account “{options['user']}”")
        proof = None
        if op.signed_as and options["sign"]:
            self.stdout.write(f"{user.name}, {op.signed_as.label}")
            proof = SigningProof(user.username, getpass.getpass(), op.signed_as)
        return Context(
            actor_for(user),
            Channel.CLI,
            reason=options["reason"],
            signature=proof,
            at=told_time(op, options["at"]),
        )
