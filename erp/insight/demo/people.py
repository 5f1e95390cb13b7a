"""Who works at the demonstration plant. The password is public: it guards nothing but a
demonstration.
"""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "proofline-demo"  # noqa: S105 - printed at every start
FIRST_PASSWORD = "welcome-to-the-plant"  # noqa: S105 - changed at once by everybody
ADMINISTRATOR = "ingrid"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with one or more roles, at a site or (``""``) everywhere."""

    username: str
    name: str
    roles: tuple[str, ...]
    site: str = ""
    home: str = "LUB"
    language: str = "en"
    signs: bool = True

    @property
    def email(self) -> str:
        """Return an address that reaches nobody (RFC 2606)."""
        return f"{self.username}@nordhelm.example"


PEOPLE: tuple[Person, ...] = (
    Person(ADMINISTRATOR, "Ingrid Sørensen", ("administrator",), signs=False),
    Person("jonas", "Jonas Petersen", ("operator",), "LUB"),
    Person("aylin", "Aylin Demir", ("operator",), "LUB"),
    Person("maria", "Maria Kowalska", ("warehouse-keeper",), "LUB"),
    Person("tomas", "Tomás Herrera", ("inspector",), "LUB"),
    Person("priya", "Priya Raman", ("quality-engineer",)),
    Person("helena", "Helena Brandt", ("quality-manager",)),
    Person("karl", "Karl Lindqvist", ("buyer",)),
    Person("fatima", "Fatima Haddad", ("planner",)),
    Person("dmitri", "Dmitri Volkov", ("metrologist",)),
    Person("claire", "Claire Moreau", ("regulatory-affairs",)),
    Person("sofia", "Sofia Rossi", ("customer-service",)),
    Person("owen", "Owen Clarke", ("auditor",), signs=False),
    Person("wangwei", "王伟 Wang Wei", ("operator",), "SUZ", "SUZ", "zh-hans"),
    Person("lilan", "李兰 Li Lan", ("warehouse-keeper",), "SUZ", "SUZ", "zh-hans"),
    Person("chenhao", "陈浩 Chen Hao", ("inspector",), "SUZ", "SUZ", "zh-hans"),
    Person("zhoumin", "周敏 Zhou Min", ("quality-manager",), "SUZ", "SUZ", "zh-hans"),
)

MACHINE = "mes"
MACHINE_NAME = "MES Suzhou line 1"
