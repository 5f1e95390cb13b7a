"""The company, its sites and places, and whom it deals with. Invented, as are all addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COMPANY = {
    "code": "NORDHELM",
    "name": "Nordhelm Medical AG",
    "name_zh": "诺赫姆医疗股份公司",
    "address": "Hafenstraße 12, 23554 Lübeck, Germany",
    "country": "DE",
    "srn": "DE-MF-000099999",
}

SITES = (
    {
        "code": "LUB",
        "name": "Lübeck – implants",
        "address": "Hafenstraße 12, 23554 Lübeck, Germany",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "gln": "9521234000013",
    },
    {
        "code": "SUZ",
        "name": "苏州 Suzhou – electronic devices",
        "address": "江苏省苏州市工业园区星湖街 88 号",
        "country": "CN",
        "timezone": "Asia/Shanghai",
        "gln": "9521234000020",
    },
)

KINDS_OF_PLACE = (
    ("STORE", "Main store", "storage"),
    ("QUAR", "Quarantine store", "quarantine"),
    ("LINE", "Production line 1", "line"),
    ("DISP", "Dispatch", "dispatch"),
)
"""Every site has these, as ``LUB-STORE`` and so on; the virtual places come with the site."""

STERILISER = "SUB-GAMMA"
STERILISER_PLACE = "LUB-GAMMA"


@dataclass(frozen=True, slots=True)
class Firm:
    """A partner: ``role`` is supplier, customer or subcontractor."""

    code: str
    name: str
    role: str
    country: str
    address: str
    name_zh: str = ""
    language: str = "en"

    def further(self) -> dict[str, Any]:
        """Return what only some partners have: a Chinese name, a role."""
        named = {"name_zh": self.name_zh} if self.name_zh else {}
        return {f"is_{self.role}": True, **named}


FIRMS: tuple[Firm, ...] = (
    Firm("SUP-TITAN", "Hanse Titan GmbH", "supplier", "DE", "Werftweg 4, 20457 Hamburg"),
    Firm("SUP-BALTIC", "Baltic Metals OÜ", "supplier", "EE", "Sadama 21, 10111 Tallinn"),
    Firm("SUP-PEEK", "Rheinpolymer AG", "supplier", "DE", "Chempark 7, 51368 Leverkusen"),
    Firm("SUP-POUCH", "Sterilpack Nordic ApS", "supplier", "DK", "Havnegade 33, 5000 Odense"),
    Firm(
        "SUP-LABEL", "Travedruck Etiketten GmbH", "supplier", "DE", "Kanalstraße 80, 23552 Lübeck"
    ),
    Firm(
        "SUP-PCB",
        "Suzhou Jinggong Circuits Co., Ltd.",
        "supplier",
        "CN",
        "苏州市吴中区东吴北路 16 号",
        "苏州精工电路有限公司",
        "zh-hans",
    ),
    Firm("SUP-PUMP", "Mikrodos Antriebe AG", "supplier", "CH", "Industriestrasse 9, 4800 Zofingen"),
    Firm(
        "SUP-BATT",
        "Shenzhen Hengneng Battery Co., Ltd.",
        "supplier",
        "CN",
        "深圳市宝安区福永大道 210 号",
        "深圳恒能电池有限公司",
        "zh-hans",
    ),
    Firm(
        "SUP-CASE",
        "Kunshan Plastics Moulding Co., Ltd.",
        "supplier",
        "CN",
        "昆山市开发区长江中路 55 号",
        "昆山塑胶成型有限公司",
        "zh-hans",
    ),
    Firm(
        STERILISER,
        "SterilGamma Nord GmbH",
        "subcontractor",
        "DE",
        "Gadelander Str. 1, 24539 Neumünster",
    ),
    Firm(
        "CUS-KIEL",
        "Klinikum Nordhafen gGmbH",
        "customer",
        "DE",
        "Zentralapotheke, Uferallee 2, 24105 Kiel",
    ),
    Firm("CUS-LYON", "Hôpital Saint-Aubin", "customer", "FR", "18 rue des Tisserands, 69007 Lyon"),
    Firm("CUS-GOT", "Nordic Spine AB", "customer", "SE", "Lindholmspiren 3, 417 56 Göteborg"),
    Firm(
        "CUS-OHIO",
        "Mercy Ridge Medical Center",
        "customer",
        "US",
        "400 Ridge Road, Akron, OH 44308",
    ),
    Firm(
        "CUS-TAIHU",
        "Suzhou Taihu People's Hospital",
        "customer",
        "CN",
        "苏州市吴中区太湖东路 101 号",
        "苏州太湖人民医院",
        "zh-hans",
    ),
    Firm(
        "CUS-KANG",
        "Shanghai Kangzheng Medical Devices Co., Ltd.",
        "customer",
        "CN",
        "上海市浦东新区张江路 368 号",
        "上海康正医疗器械有限公司",
        "zh-hans",
    ),
    Firm(
        "CUS-SIAM",
        "Siam Medical Supply Co., Ltd.",
        "customer",
        "TH",
        "88 Rama IV Road, Bangkok 10500",
    ),
)

MINIMUM_LIFE = {"CUS-GOT": 365, "CUS-KANG": 180}
"""Days of life that these customers ask of every delivery."""
