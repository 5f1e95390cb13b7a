"""Operations on people, roles, sites and tokens, one file per noun."""

from erp.organisation.operations.own import change_password, set_language
from erp.organisation.operations.people import (
    create_service_account,
    deactivate_person,
    register_person,
    reset_password,
    revise_person,
    unlock_person,
)
from erp.organisation.operations.roles import define_role, end_role, grant_role, revise_role
from erp.organisation.operations.sites import register_company, register_site
from erp.organisation.operations.tokens import issue_token, revoke_token

__all__ = [
    "change_password",
    "create_service_account",
    "deactivate_person",
    "define_role",
    "end_role",
    "grant_role",
    "issue_token",
    "register_company",
    "register_person",
    "register_site",
    "reset_password",
    "revise_person",
    "revise_role",
    "revoke_token",
    "set_language",
    "unlock_person",
]
