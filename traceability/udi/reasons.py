"""What is said about each fault: the reason, and what should stand there instead.

By fault code, in one place, so that people can read all refusals of the readers together and
translate them. ``%(…)s`` are facts of the finding.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text

OTHER_TEXT = (_("the code is not built as its issuer wants it."), _("see the issuer's standard."))

REASONS: dict[str, tuple[Text, Text]] = {
    # Any code
    "empty": (_("there is no data."), _("data of an element.")),
    "too_long": (_("the text is too long."), _("at most %(most)s characters.")),
    "unknown_form": (
        _("this begins like no code that is read here."),
        _("a GS1, HIBC, ISBT 128, MA or AHM code, or a GS1 digital link."),
    ),
    "symbology": (
        _("the symbology identifier is incomplete or unknown."),
        _("] with a letter and a digit, as ]d2 for GS1 DataMatrix."),
    ),
    "retail": (
        _("this is no number of a %(symbology)s barcode."),
        _("only digits, so many of them: %(lengths)s."),
    ),
    "month": (_("there is no such month."), _("01 to 12.")),
    "day": (_("the month has no such day."), _("a day of that month.")),
    "day_of_year": (_("the year has no such day."), _("001 to 365, 366 in a leap year.")),
    "hour": (_("there is no such hour."), _("00 to 23.")),
    "minute": (_("there is no such minute."), _("00 to 59.")),
    "second": (_("there is no such second."), _("00 to 59.")),
    "date_digits": (_("this is no date."), _("digits in the form %(form)s.")),
    # GS1 element strings
    "ai_unknown": (
        _("no GS1 application identifier begins so."),
        _("an application identifier of the GS1 dictionary."),
    ),
    "bracket_open": (_("the printed form begins with a bracket."), _("( and an identifier.")),
    "bracket_close": (_("the identifier does not end."), _("a closing bracket.")),
    "space": (_("a space stands beside the value."), _("the value without spaces.")),
    "value_missing": (_("AI %(ai)s has no value."), _("a value.")),
    "length": (
        _("the value of AI %(ai)s has the wrong length."),
        _("%(least)s to %(most)s characters, in the lengths of its components."),
    ),
    "character_n": (_("this is no digit."), _("a digit.")),
    "character_x": (
        _("this character does not belong to GS1's character set 82."),
        _("letters, digits and some punctuation; no spaces."),
    ),
    "character_y": (
        _("this character does not belong to GS1's character set 39."),
        _("capital letters, digits, #, - or /."),
    ),
    "character_z": (
        _("this character does not belong to base 64 for file names."),
        _("letters, digits, - or _."),
    ),
    "check_digit": (_("the check digit of AI %(ai)s is wrong."), _("%(wanted)s.")),
    "check_pair": (_("the check characters of AI %(ai)s are wrong."), _("%(wanted)s.")),
    "check_pair_missing": (_("AI %(ai)s has no check characters."), _("two check characters.")),
    "prefix": (_("the GS1 company prefix is no number."), _("four digits or more.")),
    "prefix_short": (
        _("this is shorter than a GS1 company prefix."),
        _("at least four digits."),
    ),
    "country": (_("no country has this number."), _("a number of ISO 3166.")),
    "country_or_999": (_("no country has this number."), _("a number of ISO 3166, or 999.")),
    "country_letters": (_("no country has these letters."), _("two letters of ISO 3166.")),
    "currency": (_("no currency has this number."), _("a number of ISO 4217.")),
    "sex": (_("this is no code of a sex."), _("0, 1, 2 or 9 (ISO/IEC 5218).")),
    "media_type": (_("this is no AIDC media type."), _("01 to 10, or 80 to 99.")),
    "package_type": (_("this is no package type."), _("a code of the GS1 package type list.")),
    "latitude": (_("there is no such latitude."), _("0000000000 to 1800000000.")),
    "longitude": (_("there is no such longitude."), _("0000000000 to 3600000000.")),
    "winding": (_("this is no winding direction."), _("0, 1 or 9.")),
    "yes_no": (_("this answers neither yes nor no."), _("0 or 1.")),
    "hyphen": (_("only a minus may stand here."), _("- or nothing.")),
    "importer_index": (_("this is no importer index."), _("a letter, a digit, - or _.")),
    "zero_value": (_("the value is zero."), _("a number above zero.")),
    "not_zero": (_("this digit is kept for later use."), _("0.")),
    "leading_zero": (_("the number begins with zero."), _("a number without leading zero.")),
    "only_digits": (_("the value has only digits."), _("at least one other character.")),
    "percent": (_("a percent sign is not followed by two hexadecimal digits."), _("%%2F or so.")),
    "piece_zero": (_("the number of the piece is zero."), _("01 or more.")),
    "total_zero": (_("the number of pieces is zero."), _("01 or more.")),
    "piece_of_total": (
        _("the number of the piece is above the number of pieces."),
        _("a piece within the total."),
    ),
    "position_form": (_("this is no place in a sequence."), _("a number, / and a number.")),
    "position_end": (_("the place is behind the end."), _("a place up to the end.")),
    "padding": (_("the padding is wrong."), _("= once or twice, at the end, to a third.")),
    "iban_country": (_("the IBAN has no country."), _("two letters of ISO 3166.")),
    "iban_length": (_("the IBAN has the wrong length."), _("11 to 34 characters.")),
    "iban_character": (
        _("this character does not belong to an IBAN."),
        _("a capital letter or a digit."),
    ),
    "iban_check": (_("the check digits of the IBAN are wrong."), _("check digits that fit.")),
    "coupon_missing": (_("a part of the coupon is missing: %(wanted)s"), _("this part.")),
    "coupon_short": (_("a part of the coupon is too short: %(wanted)s"), _("its whole length.")),
    "coupon_value": (
        _("a part of the coupon has a value it may not have: %(wanted)s"),
        _("a value of the coupon standard."),
    ),
    "coupon_excess": (_("the coupon has more than its parts."), _("nothing more.")),
    # GS1 elements together
    "repeated": (
        _("AI %(ai)s is there twice with different values."),
        _("%(first)s, as before."),
    ),
    "exclusive": (
        _("AI %(ai)s may not stand together with AI %(other)s."),
        _("one of the two."),
    ),
    "lacking": (
        _("AI %(ai)s is not allowed without what it belongs to."),
        _("one of these beside it: %(wanted)s."),
    ),
    "lacking_here": (
        _("AI %(ai)s belongs to an item that this barcode does not name."),
        _("another barcode beside it with one of these: %(wanted)s."),
    ),
    "serial_missing": (
        _("a digital signature needs a key with serial number, and AI %(ai)s has none."),
        _("a serial number."),
    ),
    # GS1 digital links
    "uri_character": (_("this character may not stand in a web address."), _("its percent code.")),
    "uri_scheme": (_("a digital link does not begin so."), _("http:// or https://.")),
    "uri_domain": (_("this character may not stand in a domain."), _("a domain.")),
    "uri_path": (_("the address has no domain or no path."), _("a domain, and a path behind it.")),
    "uri_no_key": (
        _("the path names no GS1 key."),
        _("a key and its value, as /01/09520123456788."),
    ),
    "uri_alpha": (_("GS1 has withdrawn words in digital links."), _("the number, %(ai)s.")),
    "uri_sequence": (
        _("this may not follow AI %(ai)s in the path, or not in this order."),
        _("the qualifiers of the key, in their order."),
    ),
    "uri_parameter": (
        _("a parameter that is a number, and no application identifier."),
        _("an application identifier, or a word."),
    ),
    "uri_twice": (_("AI %(ai)s is there twice."), _("each identifier once.")),
    "uri_place": (_("AI %(ai)s belongs in the path, behind its key."), _("it in the path.")),
    "uri_attribute": (
        _("AI %(ai)s may not stand among the parameters."),
        _("an identifier that describes the item."),
    ),
    "uri_null": (_("the value of AI %(ai)s has a null character."), _("printable characters.")),
    "gtin_padded": (_("the GTIN has fewer than 14 digits."), _("14 digits, zeros in front.")),
    # HIBC
    "hibc_character": (
        _("this character does not belong to HIBC."),
        _("capital letters, digits, space, - . $ / + %%"),
    ),
    "hibc_case": (_("HIBC knows only capital letters."), _("the capital letter.")),
    "hibc_kind": (
        _("after + neither a primary nor a secondary code begins."),
        _("a letter, a digit or $."),
    ),
    "hibc_model": (
        _("this is a Basic UDI-DI. It names a family of devices and no device."),
        _("a primary or secondary code."),
    ),
    "hibc_short": (_("the code is too short."), _("data, a link character, a check character.")),
    "hibc_primary": (
        _("this is no labeller, product and unit of measure."),
        _("a letter and three characters, 1 to 18 characters, one digit."),
    ),
    "hibc_check": (_("the check character is wrong."), _("“%(wanted)s”.")),
    "hibc_with_check": (
        _("the identifier ends with a check character, which is no part of it."),
        _("labeller, product and unit of measure."),
    ),
    "hibc_link": (
        _("the link character does not fit the primary code: they belong to two products."),
        _("“%(wanted)s”."),
    ),
    "hibc_flag": (
        _("no form of date has this flag."),
        _("0 to 7, or a quantity with 8 or 9 before it."),
    ),
    "hibc_quantity": (_("this is no quantity."), _("%(size)s digits.")),
    "hibc_supplement": (_("no supplement begins so."), _("S, 14D, 16D or Q.")),
    "hibc_empty": (_("the supplement has no value."), _("a value.")),
    "hibc_long": (_("this number is too long."), _("at most %(most)s characters.")),
    "hibc_two": (_("the code says two different things."), _("%(first)s, as before.")),
    # ISBT 128
    "isbt_structure": (
        _("no data structure begins so."),
        _("a data identifier of ISBT 128, as =/ or =,"),
    ),
    "isbt_character": (
        _("this character may not stand in this structure."),
        _("capital letters and digits, in some structures digits alone."),
    ),
    "isbt_length": (_("the structure is too short."), _("%(length)s characters.")),
    "isbt_count": (
        _("the compound code does not have as many structures as it says."),
        _("%(wanted)s structures."),
    ),
    "isbt_facility": (
        _("this is no facility number."),
        _("a letter other than O or a digit, one more of them, three digits."),
    ),
    "isbt_product": (_("this is no product description code."), _("a letter and four digits.")),
    "isbt_donation": (
        _("this is no donation number."),
        _("a facility without the letter O, two digits of the year, six digits."),
    ),
    "isbt_flags": (_("the check of the donation number is wrong."), _("%(wanted)s.")),
    # MA and AHM
    "ma_part": (_("a part of the MA code is not built so: %(part)s"), _("its characters.")),
    "ma_short": (
        _("parts of the MA code are missing."),
        _("country, sector, registrant and product."),
    ),
    "ma_unit": (_("no part of an MA code begins so."), _("L, S, M, D, V or E.")),
    "ma_twice": (_("a part of the MA code is there twice: %(part)s"), _("each part once.")),
    "ma_product": (
        _("the product code does not have the usual length."),
        _("%(length)s characters."),
    ),
    "ahm_whole": (
        _("the layout of AHM codes is not published; this one is kept whole."),
        _("a pattern of this installation that splits it."),
    ),
}


def reason_of(fault: str) -> str:
    """Return the reason in the reader's language, its places not yet filled."""
    return str(REASONS.get(fault, OTHER_TEXT)[0])


def expected_of(fault: str) -> str:
    """Return what was expected in the reader's language, its places not yet filled."""
    return str(REASONS.get(fault, OTHER_TEXT)[1])
