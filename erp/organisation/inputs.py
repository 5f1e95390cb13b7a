"""Inputs of the operations on people, roles, sites and tokens."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.accounts.models import Role, RoleAssignment
from erp.core.actor import Actor
from erp.operations import OperationInput, RecordField

USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,59}$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"
COUNTRY = r"^[A-Z]{2}$"
MAX_TOKEN_DAYS = 366


def _password(**more: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=200,
        trim_whitespace=False,
        style={"widget": "password", "input_type": "password"},
        **more,
    )


def _site(**more: Any) -> RecordField:
    return RecordField("accounts.Site", key="code", **more)


class PersonFields(OperationInput):
    """What is known of a person."""

    name = serializers.CharField(label=_("printed name"), max_length=120)
    email = serializers.EmailField(label=_("e-mail"), required=False, allow_blank=True, default="")
    home_site_id = _site(label=_("home site"), required=False, allow_null=True)
    may_sign = serializers.BooleanField(label=_("may sign"), required=False, default=False)
    identity_checked = serializers.CharField(
        label=_("identity verified by, when, how"),
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Needed before a person may sign (21 CFR 11.100(b))."),
    )


class RegisterPerson(PersonFields):
    """A new person with a first password that must be changed."""

    username = serializers.RegexField(USERNAME, label=_("user name"), max_length=60)
    password = _password(
        label=_("first password"), help_text=_("The person must change it before signing.")
    )
    language = serializers.ChoiceField(settings.LANGUAGES, label=_("language"), default="en")


class CreateServiceAccount(OperationInput):
    """A new account for a machine or a task."""

    username = serializers.RegexField(USERNAME, label=_("user name"), max_length=60)
    name = serializers.CharField(label=_("name"), max_length=120)
    home_site_id = _site(label=_("home site"), required=False, allow_null=True)


class ResetPassword(OperationInput):
    """A new first password."""

    password = _password(label=_("first password"))


class ChangePassword(OperationInput):
    """One's own password, old and new."""

    password = _password(label=_("present password"))
    new_password = _password(label=_("new password"))


class SetLanguage(OperationInput):
    """One's own language."""

    language = serializers.ChoiceField(settings.LANGUAGES, label=_("language"))


class RoleScope(OperationInput):
    """A role and where it is held; site and company empty means everywhere."""

    role_id = RecordField("accounts.Role", key="code", label=_("role"))
    site_id = _site(label=_("site"), required=False, allow_null=True)
    company_id = RecordField(
        "accounts.Company", key="code", label=_("company"), required=False, allow_null=True
    )


def _held_roles(actor: Actor, subject: Any) -> Any:
    held = RoleAssignment.objects.filter(user=subject, ended_at__isnull=True).values("role")
    return Role.objects.filter(pk__in=held)


class HeldRole(RoleScope):
    """A role that a person holds."""

    role_id = RecordField("accounts.Role", key="code", label=_("role"), options=_held_roles)


class RoleFields(OperationInput):
    """Name and permissions of a role."""

    name = serializers.CharField(label=_("name"), max_length=120)
    description = serializers.CharField(
        label=_("description"), required=False, allow_blank=True, default="", max_length=1000
    )
    permissions = serializers.ListField(
        child=serializers.CharField(max_length=80),
        label=_("permissions"),
        help_text=_("Codes of operations, one in a line."),
        max_length=1000,
    )


class DefineRole(RoleFields):
    """A new role."""

    code = serializers.SlugField(label=_("code"), max_length=60)


class IssueToken(OperationInput):
    """A new token: what it is for, what it may do, until when."""

    name = serializers.CharField(label=_("what it is for"), max_length=120)
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=80),
        label=_("scopes"),
        help_text=_("Codes of operations, one in a line; read lets it read."),
        allow_empty=False,
        max_length=500,
    )
    days = serializers.IntegerField(
        label=_("valid for days"), min_value=1, max_value=MAX_TOKEN_DAYS, default=90
    )


class RegisterCompany(OperationInput):
    """A legal entity."""

    code = serializers.RegexField(CODE, label=_("code"), max_length=20)
    name = serializers.CharField(label=_("name"), max_length=200)
    name_zh = serializers.CharField(
        label=_("Chinese name"), max_length=200, required=False, allow_blank=True, default=""
    )
    address = serializers.CharField(
        label=_("address"), required=False, allow_blank=True, default=""
    )
    country = serializers.RegexField(COUNTRY, label=_("country"))
    srn = serializers.CharField(
        label=_("single registration number"),
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
    )


class RegisterSite(OperationInput):
    """A plant or warehouse of a company."""

    company_id = RecordField("accounts.Company", key="code", label=_("company"))
    code = serializers.RegexField(CODE, label=_("code"), max_length=20)
    name = serializers.CharField(label=_("name"), max_length=200)
    address = serializers.CharField(
        label=_("address"), required=False, allow_blank=True, default=""
    )
    country = serializers.RegexField(COUNTRY, label=_("country"))
    timezone = serializers.CharField(label=_("time zone"), max_length=60, default="UTC")
    gln = serializers.RegexField(
        r"^(\d{13})?$", label=_("GLN"), required=False, allow_blank=True, default=""
    )

    def validate_timezone(self, value: str) -> str:
        """Accept only zones that the installation knows."""
        if value not in zoneinfo.available_timezones():
            raise serializers.ValidationError(_("There is no such time zone."))
        return value
