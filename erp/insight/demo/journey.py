"""The main job from purchase order to evidence, told through the API of a running installation.

:class:`Journey` knows nothing of how a call travels: the command drives it over HTTP against the
running server, the tests through Django's client. Each step returns a sentence saying what it did.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from erp.insight.demo import goods, places, tools
from erp.insight.demo.people import PASSWORD

Json = dict[str, Any]

BOUGHT: tuple[tuple[str, str, str], ...] = (
    ("SUP-TITAN", goods.BAR, "1"),
    ("SUP-PEEK", goods.PEEK, "0.5"),
    ("SUP-POUCH", goods.POUCH_B, "20"),
    ("SUP-LABEL", goods.LABEL, "40"),
)
UNITS = 4


class Refused(Exception):
    """The installation said no: status, and the problem document."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        self.call = call
        self.status = status
        self.problem = problem
        super().__init__(call)

    @property
    def code(self) -> str:
        """Return the code of the refusal."""
        return str(self.problem.get("code", ""))

    @property
    def blockers(self) -> list[str]:
        """Return the codes of everything in the way."""
        return [str(b["code"]) for b in self.problem.get("blockers", ())]

    def __str__(self) -> str:
        return f"{self.call}: {self.status} {self.code}. {self.problem.get('detail', '')}"


class Broken(Exception):
    """An answer is not what the journey must get; the installation is wrong, not the call."""


class Door(Protocol):
    """A way to the API."""

    def get(self, who: str, path: str, **query: Any) -> Json:
        """Read as somebody; raise ``Refused`` where the installation says no."""

    def post(self, who: str, path: str, body: Json) -> Json:
        """Call an operation as somebody; raise ``Refused`` where the installation says no."""

    def fetch(self, who: str, path: str) -> bytes:
        """Return the content of a file."""


def signature(who: str, password: str = PASSWORD) -> Json:
    """Return the signature part of a call."""
    return {"username": who, "password": password}


def must(found: object, what: str) -> None:
    """Raise ``Broken`` unless this is so."""
    if not found:
        raise Broken(what)


@dataclass
class Journey:
    """One product through the whole house. ``mark`` makes its numbers unlike those of other
    runs.
    """

    door: Door
    mark: str
    today: dt.date
    materials: dict[str, Json] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield the steps in order, with their titles."""
        yield "order", self.order
        yield "receive", self.receive
        yield "inspect", self.inspect
        yield "put away", self.put_away
        yield "start production", self.start
        yield "issue material", self.issue
        yield "report units", self.report
        yield "send to steriliser", self.send_out
        yield "receive back", self.receive_back
        yield "final inspection", self.final_inspection
        yield "release", self.release
        yield "sell and allocate", self.sell
        yield "hold", self.hold
        yield "lift hold", self.lift_hold
        yield "allocate and ship", self.ship
        yield "return", self.take_back
        yield "trace forward", self.trace_forward
        yield "trace backward", self.trace_backward

    # Supply

    def order(self) -> str:
        """Order the materials from suppliers approved for them."""
        due = (self.today + dt.timedelta(days=7)).isoformat()
        for supplier, item, quantity in BOUGHT:
            line = {"item_id": item, "quantity": quantity, "due_on": due, "unit_price": "10"}
            made = self.door.post(
                "karl",
                "purchase-orders/place/",
                {"supplier_id": supplier, "site_id": "LUB", "lines": [line]},
            )
            self.materials[item] = {"order": made, "quantity": quantity}
        return ", ".join(m["order"]["number"] for m in self.materials.values())

    def receive(self) -> str:
        """Receive everything into quarantine under lot numbers of this run."""
        for item, known in self.materials.items():
            number = f"{item[4:9]}-{self.mark}"
            line = {
                "line": 1,
                "quantity": known["quantity"],
                "supplier_lot": f"S-{number}",
                "number": number,
                "manufactured_on": (self.today - dt.timedelta(days=30)).isoformat(),
                "certificate_number": f"3.1/{number}",
            }
            path = f"purchase-orders/{known['order']['id']}/receive/"
            self.door.post("maria", path, {"location_id": "LUB-QUAR", "lines": [line]})
            known["lot"] = self.lot(number)
            must(known["lot"]["state"] == "quarantine", f"{number} is not in quarantine")
        return f"{len(self.materials)} lots into quarantine"

    def inspect(self) -> str:
        """Inspect and accept every received lot; the decision is signed."""
        for known in self.materials.values():
            self.measure_and_accept(known["lot"])
            known["lot"] = self.door.get("tomas", f"lots/{known['lot']['id']}/")
            must(known["lot"]["state"] == "released", f"{known['lot']['number']} is not released")
        return f"{len(self.materials)} lots accepted by signature"

    def put_away(self) -> str:
        """Bring the accepted lots to the main store."""
        for known in self.materials.values():
            body = {
                "from_location_id": "LUB-QUAR",
                "to_location_id": "LUB-STORE",
                "quantity": known["quantity"],
            }
            self.door.post("maria", f"lots/{known['lot']['id']}/transfer/", body)
        return "to LUB-STORE"

    # Production

    def start(self) -> str:
        """Plan and start a work order for a few cages."""
        body = {
            "item_id": goods.CAGE,
            "quantity": UNITS,
            "site_id": "LUB",
            "batch_number": f"CK-{self.mark}",
        }
        order = self.door.post("fatima", "work-orders/plan/", body)
        order = self.door.post("jonas", f"work-orders/{order['id']}/start/", {})
        self.found["order"] = order
        self.found["batch"] = self.lot(f"CK-{self.mark}")
        return f"{order['number']} for {UNITS} units, lot {self.found['batch']['number']}"

    def needs(self) -> list[tuple[Json, str]]:
        """Return which lot is issued in which quantity for the units of the journey."""
        per_unit = {code: quantity for code, quantity, _each in goods.CAGE_B}
        return [
            (known["lot"], str(goods.times(per_unit[item], UNITS)))
            for item, known in self.materials.items()
        ]

    def issue(self) -> str:
        """Issue the materials by scan of their lot numbers."""
        path = f"work-orders/{self.found['order']['id']}/issue/"
        for lot, quantity in self.needs():
            body = {
                "lot_id": lot["id"],
                "quantity": quantity,
                "from_location_id": "LUB-STORE",
                "reason": "Material of this run is used together",
            }
            self.door.post("jonas", path, body)
        return f"{len(self.materials)} lots to the line"

    def serials(self) -> list[str]:
        """Return the serial numbers of the units."""
        return [f"CK-{self.mark}-{n:02d}" for n in range(1, UNITS + 1)]

    def report(self) -> str:
        """Report the units with their serials and complete the order."""
        path = f"work-orders/{self.found['order']['id']}"
        body = {
            "units": [{"serial": serial} for serial in self.serials()],
            "consumed": [{"lot_id": lot["id"], "quantity": q} for lot, q in self.needs()],
            "instrument_ids": ["C-17"],
            "parameters": "Program CL12-07",
        }
        self.door.post("jonas", f"{path}/report/", body)
        self.door.post("jonas", f"{path}/complete/", {})
        return f"{self.serials()[0]} … {self.serials()[-1]}"

    def send_out(self) -> str:
        """Send the batch to the steriliser."""
        body = {"kind": "sterilisation", "place_id": places.STERILISER_PLACE}
        path = f"lots/{self.found['batch']['id']}/send-to-subcontractor/"
        self.found["cycle"] = self.door.post("maria", path, body)
        return str(self.found["cycle"]["number"])

    def receive_back(self) -> str:
        """Receive it back with the record of its cycle."""
        dose = {
            "name": "Minimum dose",
            "value": "27.1",
            "unit": "kGy",
            "lower": "25",
            "upper": "40",
        }
        body = {
            "cycle_number": f"SGN-{self.mark}",
            "certificate_number": f"COI-{self.mark}",
            "conforming": True,
            "to_location_id": "LUB-STORE",
            "parameters": [dose],
        }
        self.door.post("maria", f"process-cycles/{self.found['cycle']['id']}/receive/", body)
        return "dose 27.1 kGy, conforming"

    def final_inspection(self) -> str:
        """Inspect the finished batch."""
        self.measure_and_accept(self.found["batch"])
        return "accepted by signature"

    def release(self) -> str:
        """Release the batch with the signature of the person responsible."""
        path = f"lots/{self.found['batch']['id']}/release/"
        made = self.door.post("helena", path, {"signature": signature("helena")})
        must(made["state"] == "released", "the batch is not released")
        return f"{made['number']} by helena"

    # Delivery

    def sell(self) -> str:
        """Take an order and reserve the units of this run for it."""
        body = {
            "customer_id": "CUS-KIEL",
            "site_id": "LUB",
            "reference": f"CHECK-{self.mark}",
            "lines": [{"item_id": goods.CAGE, "quantity": 2}],
        }
        self.found["sale"] = self.door.post("sofia", "sales-orders/take/", body)
        self.allocate()
        return f"{self.found['sale']['number']}: 2 units reserved"

    def allocate(self) -> None:
        """Reserve the first two units."""
        self.found["units"] = [self.lot(serial) for serial in self.serials()[:2]]
        lines = [{"lot_id": unit["id"], "quantity": 1} for unit in self.found["units"]]
        path = f"sales-orders/{self.found['sale']['id']}/allocate/"
        self.door.post("sofia", path, {"lines": lines})
        must(self.reserved("held") == len(lines), "the reservation is not in force")

    def reserved(self, state: str) -> int:
        """Return how many allocations of the order are in a state."""
        order = self.door.get("sofia", f"sales-orders/{self.found['sale']['id']}/")
        return sum(a["state"] == state for a in order["allocations"])

    def hold(self) -> str:
        """Hold the batch: the reservation breaks, and nothing of it can be shipped."""
        body = {"cause": "quality", "reason": "A customer asks about a label"}
        path = f"lots/{self.found['batch']['id']}/hold/"
        self.found["hold"] = self.door.post("priya", path, body)
        must(self.reserved("held") == 0, "the hold broke no reservation")
        try:
            self.allocate()
        except Refused as refusal:
            must("lot.on_hold" in refusal.blockers, f"refused for another reason: {refusal}")
            return f"{self.found['hold']['number']} broke 2 reservations; a new one was refused"
        raise Broken("a lot on hold was reserved")

    def lift_hold(self) -> str:
        """Another person lifts the hold, with signature."""
        body = {"reason": "The label is right", "signature": signature("helena")}
        self.door.post("helena", f"holds/{self.found['hold']['id']}/release/", body)
        return f"{self.found['hold']['number']} by helena"

    def ship(self) -> str:
        """Reserve again, ship, and keep the proof of delivery."""
        self.allocate()
        path = f"sales-orders/{self.found['sale']['id']}/ship/"
        body = {"carrier": "Hanse Express", "tracking": f"HX{self.mark}"}
        self.found["shipment"] = self.door.post("maria", path, body)
        path = f"shipments/{self.found['shipment']['id']}/confirm-delivery/"
        self.door.post("sofia", path, {"received_by": "Zentralapotheke"})
        return str(self.found["shipment"]["number"])

    def take_back(self) -> str:
        """One unit comes back into quarantine."""
        unit = self.found["units"][0]
        path = f"shipments/{self.found['shipment']['id']}/return/"
        body = {
            "lines": [{"lot_id": unit["id"], "quantity": 1}],
            "reason": "Pouch damaged in transit",
        }
        made = self.door.post("sofia", path, body)
        again = self.door.get("sofia", f"lots/{unit['id']}/")
        must(again["state"] == "quarantine", "the returned unit is not in quarantine")
        return f"{made['number']}: {unit['number']} into quarantine"

    # Trace

    def trace_forward(self) -> str:
        """Ask where the titanium went: to all units, one customer."""
        bar = self.materials[goods.BAR]["lot"]
        answer = self.trace(bar["id"], "forward")
        names = {node["number"] for node in answer["nodes"]}
        must(set(self.serials()) <= names, f"the forward trace of {bar['number']} misses units")
        return str(answer["answer"])

    def trace_backward(self) -> str:
        """Ask what is in the shipped unit: every material lot."""
        unit = self.found["units"][1]
        answer = self.trace(unit["id"], "backward")
        names = {node["number"] for node in answer["nodes"]}
        wanted = {known["lot"]["number"] for known in self.materials.values()}
        must(wanted <= names, f"the backward trace of {unit['number']} misses {wanted - names}")
        return str(answer["answer"])

    def trace(self, lot_id: int, direction: str) -> Json:
        """Return a trace that must be complete."""
        answer = self.door.get("owen", "trace/", start=f"lot:{lot_id}", direction=direction)
        must(answer["complete"], f"the {direction} trace of lot {lot_id} is not complete")
        return answer

    # Shared

    def lot(self, number: str, who: str = "maria") -> Json:
        """Return the lot or unit with exactly this number."""
        return self.the_one(who, "lots/", number)

    def the_one(self, who: str, path: str, number: str, key: str = "number") -> Json:
        """Return the one record found under a number."""
        rows: Sequence[Json] = self.door.get(who, path, search=number)["results"]
        exact = [row for row in rows if row[key] == number]
        must(len(exact) == 1, f"{path}: {len(exact)} records are called {number}")
        return exact[0]

    def inspection_of(self, lot: Json) -> Json:
        """Return the open inspection of a lot."""
        page = self.door.get("tomas", "inspections/", search=lot["number"], state="open")
        rows: Sequence[Json] = page["results"]
        exact = [row for row in rows if row["lot_id"] == lot["id"]]
        must(len(exact) == 1, f"{lot['number']} has {len(exact)} open inspections")
        return exact[0]

    def results(self, inspection: Json) -> list[Json]:
        """Return good results for everything the plan asks."""
        plan = self.door.get("tomas", f"inspection-plans/{inspection['plan_id']}/")
        looks = goods.PLANS[inspection["item"], inspection["stage"]]
        samples = goods.samples_to_take(inspection["stage"], Decimal(inspection["quantity"]))
        rows = itertools.product(enumerate(looks, start=1), range(1, samples + 1))
        return [
            {
                "characteristic_id": f"{plan['number']}/{position}",
                "sample": sample,
                **({"value": look.good} if look.good else {"verdict": "pass"}),
                **({"instrument_id": tools.BY_KIND["LUB", look.tool]} if look.tool else {}),
            }
            for (position, look), sample in rows
            if sample == 1 or not look.once
        ]

    def measure_and_accept(self, lot: Json) -> None:
        """Record good results of a lot's open inspection and accept it by signature."""
        inspection = self.inspection_of(lot)
        path = f"inspections/{inspection['id']}"
        self.door.post("tomas", f"{path}/record-results/", {"results": self.results(inspection)})
        body = {"decision": "accept", "signature": signature("tomas")}
        self.door.post("tomas", f"{path}/decide/", body)
