"""Organisation, people, roles and access.

Company and site stand here and not in master data because permission is held at them, and this app
is below everything that has a permission (ADR 0003).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet


class Company(Regulated):
    """A legal entity; ``srn`` and ``registration`` identify it to authorities."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2)
    srn = models.CharField(_("single registration number"), max_length=40, blank=True)

    objects = RegulatedQuerySet["Company"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Site(Regulated):
    """A plant or warehouse; people and records are scoped to it."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="sites", verbose_name=_("company")
    )
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2)
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    gln = models.CharField(_("GLN"), max_length=13, blank=True)

    objects = RegulatedQuerySet["Site"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("site")
        verbose_name_plural = _("sites")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class UserManager(BaseUserManager["User"]):
    """Looks people up by user name; creating one is an operation."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this name, whatever its case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser, Regulated):
    """A person or a service account. Never deleted, the user name never given again (11.100(a))."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("printed name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    is_service = models.BooleanField(_("service account"), default=False)
    may_sign = models.BooleanField(_("may sign"), default=True)
    identity_checked = models.TextField(_("identity verified by, when, how"), blank=True)
    home_site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home site")
    )
    password_changed_at = models.DateTimeField(null=True)
    password_is_temporary = models.BooleanField(_("password given by someone else"), default=False)
    # Sign-ins are rows of the access log; a column for the last one would be a change outside the
    # door.
    last_login = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta(Regulated.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """Return the printed name (used by library pages)."""
        return self.name


class Role(Regulated):
    """A named set of operations. Roles are data: quality staff arrange them."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)

    objects = RegulatedQuerySet["Role"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name


class RolePermission(Regulated):
    """One operation code that a role allows."""

    role = models.ForeignKey(Role, models.PROTECT, related_name="permissions")
    operation = models.CharField(max_length=80)

    objects = RegulatedQuerySet["RolePermission"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("permission")
        constraints = [
            models.UniqueConstraint(fields=["role", "operation"], name="role_permission_once")
        ]

    def __str__(self) -> str:
        return f"{self.role_id}: {self.operation}"


class RoleAssignment(Regulated):
    """A role held by a person at a site, at all sites of a company, or everywhere (both empty)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="assignments")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RegulatedQuerySet["RoleAssignment"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("role assignment")
        constraints = [
            models.CheckConstraint(
                condition=Q(site__isnull=True) | Q(company__isnull=True),
                name="assignment_one_scope",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "site", "company"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="assignment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role_id}"


class ApiToken(Regulated):
    """A key for machines: only its SHA-256 is kept; scopes are operation codes, plus ``read``."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = RegulatedQuerySet["ApiToken"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class SecurityEvent(AppendOnly):
    """The log of access: sign-ins, failures, refusals, signings, changes of permission."""

    class Kind(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("signed in")
        SIGNED_OUT = "signed_out", _("signed out")
        SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
        LOCKED = "locked", _("locked out")
        UNLOCKED = "unlocked", _("unlocked")
        SIGNED = "signed", _("signature proved")
        SIGNING_FAILED = "signing_failed", _("signature refused")
        TOKEN_REFUSED = "token_refused", _("token refused")
        REFUSED = "refused", _("operation refused")
        EXPORTED = "exported", _("exported")

    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    username = models.CharField(max_length=150, blank=True)
    code = models.CharField(max_length=80, blank=True)
    operation = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta(AppendOnly.Meta):
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["username", "kind", "at"], name="security_by_name")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.username}"
