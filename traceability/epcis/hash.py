"""The event hash id of CBV 2.0: the same event has the same name, whoever names it.

The rules are those of the reference implementation and its published vectors, which differ from its
description (docs/behaviour/epcis.md says where). The id identifies an event among companies; it is
not the proof of integrity, which is the history and its seals.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from traceability.epcis import vocabulary
from traceability.epcis.identifiers import canonical
from traceability.epcis.schema import words

VERSION = "CBV2.0"

Order = tuple[tuple[str, "Order"], ...]

_EPC: Order = (("epc", ()),)
_QUANTITY: Order = (("quantityElement", (("epcClass", ()), ("quantity", ()), ("uom", ()))),)


def _leaves(names: str) -> Order:
    return tuple((name, ()) for name in names.split())


ORDER: Order = (
    *_leaves("eventTime eventTimeZoneOffset certificationInfo parentID"),
    ("epcList", _EPC),
    ("inputEPCList", _EPC),
    ("childEPCs", _EPC),
    ("quantityList", _QUANTITY),
    ("childQuantityList", _QUANTITY),
    ("inputQuantityList", _QUANTITY),
    ("outputEPCList", _EPC),
    ("outputQuantityList", _QUANTITY),
    *_leaves("action transformationID bizStep disposition"),
    ("persistentDisposition", _leaves("set unset")),
    ("readPoint", _leaves("id")),
    ("bizLocation", _leaves("id")),
    (
        "sensorElementList",
        (
            (
                "sensorElement",
                (
                    (
                        "sensorMetadata",
                        _leaves(
                            "time startTime endTime deviceID deviceMetadata rawData"
                            " dataProcessingMethod bizRules"
                        ),
                    ),
                    (
                        "sensorReport",
                        _leaves(
                            "type exception deviceID deviceMetadata rawData dataProcessingMethod"
                            " time microorganism chemicalSubstance value component stringValue"
                            " booleanValue hexBinaryValue uriValue minValue maxValue meanValue sDev"
                            " percRank percValue uom coordinateReferenceSystem"
                        ),
                    ),
                ),
            ),
        ),
    ),
)
"""The order of CBV 2.0. What does not stand here follows sorted: business transactions, parties,
instance data and extensions."""

Ranks = Mapping[str, tuple[int, "Ranks"]]


def _ranks(order: Order) -> Ranks:
    return {name: (rank, _ranks(below)) for rank, (name, below) in enumerate(order)}


RANKS = _ranks(ORDER)
"""The same by name: many thousands of events are read in one go."""

_IGNORED = frozenset({"recordTime", "eventID", "type", "errorDeclaration"})
_COMMENTS = frozenset({"#text", "rdfs:comment", "comment", "@context"})
_PAIRS = {
    "bizTransactionList": ("bizTransaction", "bizTransaction-type"),
    "sourceList": ("source", "source-dest-type"),
    "destinationList": ("destination", "source-dest-type"),
}
_WORDS = {"bizStep": "bizStep", "disposition": "disposition", "set": "disposition",
          "unset": "disposition", "component": "component"}  # fmt: skip
_TYPES = frozenset({"type", "exception"})
_RENAMED = {"inputEPC": "epc", "outputEPC": "epc", "inputQuantity": "quantityElement",
            "outputQuantity": "quantityElement", "childQuantity": "quantityElement"}  # fmt: skip
_URNS = (
    ("urn:epcglobal:cbv:bizstep:", f"{vocabulary.CBV}BizStep-"),
    ("urn:epcglobal:cbv:disp:", f"{vocabulary.CBV}Disp-"),
    ("urn:epcglobal:cbv:btt:", f"{vocabulary.CBV}BTT-"),
    ("urn:epcglobal:cbv:sdt:", f"{vocabulary.CBV}SDT-"),
    ("urn:epcglobal:cbv:er:", f"{vocabulary.CBV}ER-"),
)
_PREFIXES = {"gs1": vocabulary.VOC, "cbv": vocabulary.CBV}
_CBV_URN = "urn:epcglobal:cbv:"
_BEGINS_NUMBER = frozenset("+-.0123456789")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def event_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """Return the hash id of an event, as a ``ni:`` URI (RFC 6920)."""
    digest = hashlib.sha256(pre_hash(event, namespaces).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver={VERSION}"


def pre_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """Return the canonical text of an event, which is what is hashed."""
    children = _children(event, namespaces)
    ordered = _ordered(children, RANKS, top=True)
    rest = _sorted_text([c for c in children if c.name not in _IGNORED])
    return f"eventType={event.get('type', '')}{ordered}{rest}"


@dataclass(slots=True, eq=False)
class _Node:
    name: str
    text: str = ""
    children: list[_Node] = field(default_factory=list)


def _children(members: Mapping[str, Any], spaces: Mapping[str, str]) -> list[_Node]:
    """Return the members of an object as the nodes that XML would have."""
    nodes: list[_Node] = []
    for key, value in members.items():
        if key in _COMMENTS:
            continue
        if key in _PAIRS:
            nodes += _pairs(key, value, spaces)
        elif key == "childEPCs":
            epcs = [_Node("epc", _word("", v, spaces)) for v in _as_list(value)]
            nodes += [_Node(key, children=epcs)] if epcs else []
        elif key.endswith("List"):
            nodes += _list(_expanded(key, spaces), value, spaces)
        else:
            name = _expanded(key, spaces)
            nodes += [_node(name, each, spaces) for each in _as_list(value)]
    return nodes


def _as_list(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _node(name: str, value: Any, spaces: Mapping[str, str]) -> _Node:
    if isinstance(value, dict):
        name = "quantityElement" if name == "quantity" else _RENAMED.get(name, name)
        text = _word("", value["#text"], spaces) if "#text" in value else ""
        return _Node(name, text, _children(value, spaces))
    if isinstance(value, list):
        return _Node(name, children=[_node("", each, spaces) for each in value])
    text = _word(name, value, spaces)
    return _Node(_RENAMED.get(name, name), text)


def _list(name: str, value: Any, spaces: Mapping[str, str]) -> Iterator[_Node]:
    """A list's elements are named after it: ``epcList`` holds ``epc``."""
    elements = [_node(name.removesuffix("List"), each, spaces) for each in _as_list(value)]
    if elements:
        yield _Node(name, children=elements)


def _pairs(key: str, value: Any, spaces: Mapping[str, str]) -> Iterator[_Node]:
    """Transactions and parties: the type before what it qualifies, then sorted as one text."""
    name, field_of_type = _PAIRS[key]
    texts = []
    for pair in _as_list(value):
        kind = pair.get("type") if isinstance(pair, dict) else None
        said = pair.get(name, "") if isinstance(pair, dict) else pair
        head = vocabulary.full(field_of_type, str(kind)) if kind else ""
        head = f"type={_value(_curie(head, spaces))}" if head else ""
        texts.append(f"{head}{name}={_value(_curie(str(said), spaces))}")
    if texts:
        yield _Node(key, children=[_Node(text) for text in texts])


def _word(name: str, value: Any, spaces: Mapping[str, str]) -> str:
    """Return a value as text, with bare words and prefixes written out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if name in _WORDS:
        text = vocabulary.full(_WORDS[name], text)
    elif name in _TYPES and text in _measured():
        text = vocabulary.VOC + text
    return _curie(text, spaces) if ":" in text else text


@cache
def _measured() -> frozenset[str]:
    return words("measurementType") | words("sensorAlertType")


def _curie(text: str, spaces: Mapping[str, str]) -> str:
    prefix, colon, rest = text.partition(":")
    space = spaces.get(prefix) or _PREFIXES.get(prefix)
    return space + rest if colon and space else text


def _expanded(key: str, spaces: Mapping[str, str]) -> str:
    if ":" not in key:
        return key
    prefix, colon, rest = key.partition(":")
    return f"{{{spaces[prefix]}}}{rest}" if colon and prefix in spaces else key


def _ordered(children: list[_Node], ranks: Ranks, *, top: bool = False) -> str:
    """Return the text of the known children in their order; those used up are taken away."""
    if len(children) == 1:
        return _only(children, ranks)
    extensions = [] if top else [c for c in children if _is_extension(c)]
    if extensions:
        children[:] = [c for c in children if not _is_extension(c)]
    known: dict[str, list[_Node]] = {}
    for child in children:
        if child.name in ranks:
            known.setdefault(child.name, []).append(child)
    parts: list[str] = []
    for name in sorted(known, key=lambda name: ranks[name][0]):
        parts += sorted([_known_text(child, ranks[name][1]) for child in known[name]])
    children[:] = [c for c in children if c.children or c.name not in ranks]
    return "".join(parts) + (_sorted_text(extensions) if extensions else "")


def _only(children: list[_Node], ranks: Ranks) -> str:
    """The same where there is one child, as in most lists."""
    child = children[0]
    if child.name not in ranks:
        return ""
    text = _known_text(child, ranks[child.name][1])
    if not child.children:
        children.clear()
    return text


def _is_extension(node: _Node) -> bool:
    return "{" in node.name and "/}" in node.name


def _known_text(node: _Node, ranks: Ranks) -> str:
    inner = _ordered(node.children, ranks) if ranks and node.children else ""
    text = _said(node.name, node.text) if node.text else ""
    return f"{node.name}{text}{inner}" if text or inner else ""


@lru_cache(maxsize=10_000)
def _said(name: str, text: str) -> str:
    """Return the value of a member as it is hashed; most events of a document say the same."""
    text = text.strip()
    if not text:
        return ""
    timed = "time" in name.lower() and "offset" not in name.lower()
    return f"={_instant(text) if timed else _value(text)}"


def _sorted_text(nodes: Sequence[_Node]) -> str:
    """Return what has no order of its own: every node with all it holds, sorted as text."""
    texts = []
    for node in nodes:
        text = node.text.strip()
        value = f"={_value(text)}" if text else ""
        below = _sorted_text(node.children) if node.children else ""
        texts.append(f"{node.name}{value}{below}")
    return "".join(sorted(texts))


def _value(text: str) -> str:
    if _CBV_URN in text:
        for old, new in _URNS:
            text = text.replace(old, new)
    if text[:1] in _BEGINS_NUMBER and _NUMBER.fullmatch(text):
        number = float(text)
        text = str(int(number)) if number == int(number) else str(number)
    return canonical(text) or text


def _instant(text: str) -> str:
    """Return an instant in UTC, rounded half up to milliseconds; what is none stays as it is."""
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return text
    milliseconds = (moment.microsecond + 500) // 1000
    moment = moment.replace(microsecond=0) + dt.timedelta(milliseconds=milliseconds)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
