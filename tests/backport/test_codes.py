"""The table of verify codes is complete, and says each thing once and in whole sentences."""

from __future__ import annotations

import re
from typing import List

import pytest

from securedefaults._observe import codes
from securedefaults._observe.codes import CODES, Code
from securedefaults._observe.errors import OTHER_PIN

#: X509_V_ERR_... from 1 on, as include/openssl/x509_vfy.h.in of OpenSSL 3.6 has them. 3.0 ends with
#: EC_KEY_EXPLICIT_PARAMS, 3.2 to 3.5 with RPK_UNTRUSTED; the numbers are the same.
OF_3_6 = [
    "UNSPECIFIED",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_CRL",
    "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
    "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
    "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
    "CERT_SIGNATURE_FAILURE",
    "CRL_SIGNATURE_FAILURE",
    "CERT_NOT_YET_VALID",
    "CERT_HAS_EXPIRED",
    "CRL_NOT_YET_VALID",
    "CRL_HAS_EXPIRED",
    "ERROR_IN_CERT_NOT_BEFORE_FIELD",
    "ERROR_IN_CERT_NOT_AFTER_FIELD",
    "ERROR_IN_CRL_LAST_UPDATE_FIELD",
    "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
    "OUT_OF_MEM",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "CERT_CHAIN_TOO_LONG",
    "CERT_REVOKED",
    "NO_ISSUER_PUBLIC_KEY",
    "PATH_LENGTH_EXCEEDED",
    "INVALID_PURPOSE",
    "CERT_UNTRUSTED",
    "CERT_REJECTED",
    "SUBJECT_ISSUER_MISMATCH",
    "AKID_SKID_MISMATCH",
    "AKID_ISSUER_SERIAL_MISMATCH",
    "KEYUSAGE_NO_CERTSIGN",
    "UNABLE_TO_GET_CRL_ISSUER",
    "UNHANDLED_CRITICAL_EXTENSION",
    "KEYUSAGE_NO_CRL_SIGN",
    "UNHANDLED_CRITICAL_CRL_EXTENSION",
    "INVALID_NON_CA",
    "PROXY_PATH_LENGTH_EXCEEDED",
    "KEYUSAGE_NO_DIGITAL_SIGNATURE",
    "PROXY_CERTIFICATES_NOT_ALLOWED",
    "INVALID_EXTENSION",
    "INVALID_POLICY_EXTENSION",
    "NO_EXPLICIT_POLICY",
    "DIFFERENT_CRL_SCOPE",
    "UNSUPPORTED_EXTENSION_FEATURE",
    "UNNESTED_RESOURCE",
    "PERMITTED_VIOLATION",
    "EXCLUDED_VIOLATION",
    "SUBTREE_MINMAX",
    "APPLICATION_VERIFICATION",
    "UNSUPPORTED_CONSTRAINT_TYPE",
    "UNSUPPORTED_CONSTRAINT_SYNTAX",
    "UNSUPPORTED_NAME_SYNTAX",
    "CRL_PATH_VALIDATION_ERROR",
    "PATH_LOOP",
    "SUITE_B_INVALID_VERSION",
    "SUITE_B_INVALID_ALGORITHM",
    "SUITE_B_INVALID_CURVE",
    "SUITE_B_INVALID_SIGNATURE_ALGORITHM",
    "SUITE_B_LOS_NOT_ALLOWED",
    "SUITE_B_CANNOT_SIGN_P_384_WITH_P_256",
    "HOSTNAME_MISMATCH",
    "EMAIL_MISMATCH",
    "IP_ADDRESS_MISMATCH",
    "DANE_NO_MATCH",
    "EE_KEY_TOO_SMALL",
    "CA_KEY_TOO_SMALL",
    "CA_MD_TOO_WEAK",
    "INVALID_CALL",
    "STORE_LOOKUP",
    "NO_VALID_SCTS",
    "PROXY_SUBJECT_NAME_VIOLATION",
    "OCSP_VERIFY_NEEDED",
    "OCSP_VERIFY_FAILED",
    "OCSP_CERT_UNKNOWN",
    "UNSUPPORTED_SIGNATURE_ALGORITHM",
    "SIGNATURE_ALGORITHM_MISMATCH",
    "SIGNATURE_ALGORITHM_INCONSISTENCY",
    "INVALID_CA",
    "PATHLEN_INVALID_FOR_NON_CA",
    "PATHLEN_WITHOUT_KU_KEY_CERT_SIGN",
    "KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA",
    "ISSUER_NAME_EMPTY",
    "SUBJECT_NAME_EMPTY",
    "MISSING_AUTHORITY_KEY_IDENTIFIER",
    "MISSING_SUBJECT_KEY_IDENTIFIER",
    "EMPTY_SUBJECT_ALT_NAME",
    "EMPTY_SUBJECT_SAN_NOT_CRITICAL",
    "CA_BCONS_NOT_CRITICAL",
    "AUTHORITY_KEY_IDENTIFIER_CRITICAL",
    "SUBJECT_KEY_IDENTIFIER_CRITICAL",
    "CA_CERT_MISSING_KEY_USAGE",
    "EXTENSIONS_REQUIRE_VERSION_3",
    "EC_KEY_EXPLICIT_PARAMS",
    "RPK_UNTRUSTED",
    "OCSP_RESP_INVALID",
    "OCSP_SIGNATURE_FAILURE",
    "OCSP_NOT_YET_VALID",
    "OCSP_HAS_EXPIRED",
    "OCSP_NO_RESPONSE",
]

#: What 1.1.1 has at other numbers.
OF_1_1_1 = {
    24: ("INVALID_CA", "invalid CA certificate"),
    76: ("SIGNATURE_ALGORITHM_MISMATCH", "subject signature algorithm and issuer public key algorithm mismatch"),
    77: ("NO_ISSUER_PUBLIC_KEY", "issuer certificate doesn't have a public key"),
    78: ("UNSUPPORTED_SIGNATURE_ALGORITHM", "Cannot find certificate signature algorithm"),
    79: ("EC_KEY_EXPLICIT_PARAMS", "Certificate public key has explicit ECC parameters"),
}

KINDS = {
    *(codes.CHAIN, codes.NAME, codes.DATES, codes.STRICT, codes.PURPOSE, codes.KEY, codes.CONSTRAINTS, codes.LIST),
    *(codes.PIN, codes.OTHER),
}

#: Words that repeat the one before them, and those that others of the project's texts do not use.
CLUMSY = re.compile(r"(?i)\b(\w+) \1\b|\bhostname\b|\bvalidat|\bplease\b|\bsimply\b|  |\.\.$")


def test_every_code_of_openssl_has_its_row() -> None:
    assert {number: row.symbol for number, row in CODES.items()} == dict(enumerate(OF_3_6, 1))


@pytest.mark.parametrize("number", CODES)
def test_a_row_is_complete(number: int) -> None:
    row = CODES[number]
    assert row.kind in KINDS
    assert row.messages
    assert all(row.messages)
    assert len(set(row.messages)) == len(row.messages)
    assert re.match(r"(a|an|the|this|OpenSSL)\b.*\.$", row.fault), row.fault
    for sentence in (row.server, row.here) if row.here else (row.server,):
        assert re.match(
            r"(Connect|Get|Give|Have|Install|Let|Load|Look|Publish|Renew|Send|Tell|Until|If|Ask|Nothing)\b.*\.$",
            sentence,
        )
    for text in (row.fault, row.server, row.here):
        assert not CLUMSY.search(text), text


def test_no_two_codes_say_the_same() -> None:
    faults = [row.fault for row in CODES.values()]
    messages: List[str] = [message for row in CODES.values() for message in row.messages]
    assert len(set(faults)) == len(faults)
    assert len(set(messages)) == len(messages)


def test_each_kind_has_a_code() -> None:
    assert {row.kind for row in CODES.values()} == KINDS


def test_the_rules_of_rfc_5280_that_python_3_13_adds() -> None:
    """Those that `check_extensions()` in crypto/x509/x509_vfy.c looks at under X509_V_FLAG_X509_STRICT alone.

    79 is one of them for a root of X.509 version 1, but counts for each intermediate certificate.
    """
    assert [number for number, row in CODES.items() if row.kind == codes.STRICT] == [78, *range(80, 94)]
    for row in CODES.values():
        assert row.kind == codes.STRICT or "strict" not in row.here


def test_our_own_code() -> None:
    number, message = OTHER_PIN
    assert CODES[number].kind == codes.PIN
    assert CODES[number].messages[0] == message


@pytest.mark.parametrize("number", OF_1_1_1)
def test_numbers_of_openssl_1_1_1(number: int) -> None:
    symbol, message = OF_1_1_1[number]
    assert codes.of(number, message).symbol == symbol
    assert codes.of(number) == codes.of(number, "something else") == CODES[number]
    assert set(codes.OF_1_1_1) == set(OF_1_1_1)


@pytest.mark.parametrize("number", CODES)
def test_each_message_finds_its_row(number: int) -> None:
    for message in CODES[number].messages:
        assert codes.of(number, message) is CODES[number]


@pytest.mark.parametrize("number", [0, -1, 101, 2**31, 10**30, None])
def test_a_code_without_words_gets_an_honest_row(number: int) -> None:
    row = codes.of(number)
    assert isinstance(row, Code)
    assert row.kind == codes.OTHER
    assert not row.messages
    assert not row.here
    assert row.fault.endswith(".")
    assert row.server.endswith(".")
    assert row == codes.of(number, "certificate has expired")
