"""Reading device identifiers by API: one, or a list of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.core.errors import FieldFault, InvalidInput
from erp.ui.api.schema import PROBLEM
from traceability.api.views import reader
from traceability.reading import read
from traceability.udi import Issuer, Level, Reading, Tolerance, UdiRefused
from traceability.udi.parse import MOST

MOST_TEXTS = 1000


class UdiText(serializers.CharField):
    """A code as scanned: nothing is trimmed, control characters are part of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, max_length=MOST, **kwargs)


class UdiQuestion(serializers.Serializer[Any]):
    """What is to be read, and on which terms."""

    text = UdiText(required=False, help_text="the code as scanned or typed")
    texts = serializers.ListField(
        child=UdiText(), required=False, max_length=MOST_TEXTS, help_text="several codes"
    )
    mode = serializers.ChoiceField(
        ["strict", "lenient"],
        default="strict",
        help_text="lenient: what is doubtful is read, with warnings",
    )
    permit = serializers.MultipleChoiceField(
        choices=[t.value for t in Tolerance],
        default=set,
        help_text="in strict mode: single doubts that may pass with a warning",
    )
    level = serializers.ChoiceField(
        [level.value for level in Level],
        default=Level.CARRIER.value,
        help_text="parse: each element by itself; carrier: elements of one barcode; association: "
        "the barcodes of one item together",
    )
    issuer = serializers.ChoiceField(
        [issuer.value for issuer in Issuer if issuer],
        required=False,
        allow_null=True,
        default=None,
        help_text="the text is a bare device identifier of this issuer",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one code or a list, not both."""
        if ("text" in attrs) == ("texts" in attrs):
            raise serializers.ValidationError({"text": "text | texts"})
        return attrs


class ParseUdi(APIView):
    """Reads what was scanned or typed; nothing is looked up."""

    @extend_schema(
        operation_id="udi_parse",
        summary="Read a device identifier",
        tags=["udi"],
        request=UdiQuestion,
        responses={200: OpenApiTypes.OBJECT, 422: PROBLEM},
        examples=[
            OpenApiExample(
                "GS1 in brackets",
                {"text": "(01)09520123456788(17)281031(10)R1042(21)000187"},
                request_only=True,
            ),
            OpenApiExample(
                "a list, leniently",
                {"texts": ["+A123BJC5D6E71G"], "mode": "lenient"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Return the reading of ``text``, or an outcome for each of ``texts`` in their order."""
        reader(request)
        question = UdiQuestion(data=request.data)
        if not question.is_valid():
            raise InvalidInput(faults=_faults(question.errors))
        asked = question.validated_data
        if "text" in asked:
            return Response(_read(asked["text"], asked).as_json())
        return Response({"results": [_outcome(text, asked) for text in asked["texts"]]})


def _read(text: str, asked: dict[str, Any]) -> Reading:
    return read(
        text,
        strict=asked["mode"] == "strict",
        permit=[Tolerance(name) for name in asked["permit"]],
        level=Level(asked["level"]),
        issuer=Issuer(asked["issuer"]) if asked["issuer"] else None,
    )


def _outcome(text: str, asked: dict[str, Any]) -> dict[str, object]:
    try:
        return _read(text, asked).as_json()
    except UdiRefused as refused:
        return refused.as_json()


def _faults(errors: Any) -> list[FieldFault]:
    return [FieldFault(str(name), str(reasons)) for name, reasons in dict(errors).items()]
