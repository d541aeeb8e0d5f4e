"""Every verify code of OpenSSL 1.1.1 to 3.6 and of CPython (openssl/x509_vfy.h), in plain words.

Doc/breaks.md is made from this table. It says what a code means; which rule helps in a case is found out by trial.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Tuple

#: What sort of thing is wrong. Each is judged for itself, and each has remedies of its own.
CHAIN, NAME, DATES, STRICT, PURPOSE, KEY, CONSTRAINTS, LIST, PIN, OTHER = KINDS = (
    *("chain", "name", "dates", "strict", "purpose", "key", "constraints", "list", "pin", "other"),
)


class Code(NamedTuple):
    """A verify code.

    Attributes:
        symbol: its name in C, without `X509_V_ERR_`.
        kind: what sort of thing is wrong.
        messages: what versions of OpenSSL say, the latest first; "..." stands for the name that was asked for.
        fault: what is wrong, in plain words: a sentence that goes on after "the certificate was refused: ".
        server: what is to be done at the server: a sentence in the imperative.
        here: what can be done on this side: a sentence in the imperative; empty if nothing but what always helps.
    """

    symbol: str
    kind: str
    messages: Tuple[str, ...]
    fault: str
    server: str
    here: str = ""


# What several codes have in common.
_RENEW = "Have the certificate issued anew."
_RENEW_CA = "Have the CA certificate issued anew."
_REPORT = "Nothing is to be done there before the cause is known."
_SEND_CHAIN = (
    "Send the whole chain: the server's certificate, then each CA certificate between it and the root. If it does so "
    "already, there is nothing to be mended."
)
_NO_PROXY = "Install a certificate that a CA has issued for this server."
_CAFILE = "Give the CA certificate by a rule's cafile, or add it to this machine's trust store."
#: Not for those that stand for a certificate that is refused without the strict rules as well, by another code.
_STRICT = "Until it is mended, drop the strict rules alone for this host, by a rule with strict = no."
_STRONGER = "Have it issued anew with a stronger key: RSA of 2048 bits or more, or the curve P-256."
_CRL = "Look at the context that asks for CRLs; a default one does not."
_LOAD_CRL = "Load the CA's current CRL into the context that asks for CRLs; a default one does not."
_OCSP = "Look at the program that asks for OCSP; a default context does not."
_SUITE_B = "Have a chain issued that fits Suite B: ECDSA on the curve P-256 or P-384, with SHA-256 or SHA-384."
_SUITE_B_HERE = "Look at the program or at openssl.cnf, which ask for Suite B; a default context does not."
_MACHINE = "Look at this machine and at the program: the certificate is not to blame."

CODES: Dict[int, Code] = {
    1: Code(
        "UNSPECIFIED",
        OTHER,
        ("unspecified certificate verification error",),
        "OpenSSL could not verify the certificate, and says no more.",
        _REPORT,
    ),
    2: Code(
        "UNABLE_TO_GET_ISSUER_CERT",
        CHAIN,
        ("unable to get issuer certificate",),
        "a CA certificate is known here, but the one that issued it, up to a root, is not.",
        _SEND_CHAIN,
        "Give the root certificate by a rule's cafile, or add it to this machine's trust store.",
    ),
    3: Code(
        "UNABLE_TO_GET_CRL",
        OTHER,
        ("unable to get certificate CRL",),
        "the program asks whether the certificate was revoked, and there is no CRL of its CA.",
        "Nothing is to be done there: a server does not send CRLs.",
        _LOAD_CRL,
    ),
    4: Code(
        "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
        CHAIN,
        ("unable to decrypt certificate's signature",),
        "the signature of a certificate cannot be read with the key of the CA that is named as its issuer.",
        _RENEW,
        "Look whether this machine trusts another CA of the same name; if so, give the right one by a rule's cafile.",
    ),
    5: Code(
        "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
        OTHER,
        ("unable to decrypt CRL's signature",),
        "the signature of a CRL cannot be read with the key of the CA.",
        "Have the CA issue its CRL anew.",
        _CRL,
    ),
    6: Code(
        "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
        KEY,
        ("unable to decode issuer public key",),
        "the public key in a CA certificate cannot be read: it is damaged, or of a kind that this OpenSSL lacks.",
        "Have the chain issued by a CA with a common kind of key.",
    ),
    7: Code(
        "CERT_SIGNATURE_FAILURE",
        CHAIN,
        ("certificate signature failure",),
        "the signature of a certificate is wrong: the certificate was changed, or another CA of the same name made it.",
        "Install the certificate as the CA has issued it, and the CA certificates that belong to it.",
        "Look whether this machine trusts another CA of the same name, as after a renewal with a new key; if so, give "
        "the right one by a rule's cafile.",
    ),
    8: Code(
        "CRL_SIGNATURE_FAILURE",
        OTHER,
        ("CRL signature failure",),
        "the signature of a CRL is wrong.",
        "Have the CA issue its CRL anew.",
        _CRL,
    ),
    9: Code(
        "CERT_NOT_YET_VALID",
        DATES,
        ("certificate is not yet valid or the system clock is incorrect", "certificate is not yet valid"),
        "a certificate is not valid yet by this machine's clock.",
        "Look at the clock of the machine that issued the certificate; if that was wrong, have it issued anew.",
        "Look at this machine's clock first.",
    ),
    10: Code(
        "CERT_HAS_EXPIRED",
        DATES,
        ("certificate has expired",),
        "the certificate, or a CA certificate above it, has expired by this machine's clock.",
        "Renew it, and let the server load the new one; many go on with the old one until they are restarted.",
        "Look at this machine's clock first.",
    ),
    11: Code(
        "CRL_NOT_YET_VALID",
        OTHER,
        ("CRL is not yet valid",),
        "a CRL is not valid yet by this machine's clock.",
        "Look at the clock of the CA's machine.",
        _LOAD_CRL,
    ),
    12: Code(
        "CRL_HAS_EXPIRED",
        OTHER,
        ("CRL has expired",),
        "a CRL has expired: it should have been replaced by the next one.",
        "Have the CA publish its current CRL.",
        _LOAD_CRL,
    ),
    13: Code(
        "ERROR_IN_CERT_NOT_BEFORE_FIELD",
        DATES,
        ("format error in certificate's notBefore field",),
        "the date from which a certificate is valid cannot be read.",
        _RENEW,
    ),
    14: Code(
        "ERROR_IN_CERT_NOT_AFTER_FIELD",
        DATES,
        ("format error in certificate's notAfter field",),
        "the date until which a certificate is valid cannot be read.",
        _RENEW,
    ),
    15: Code(
        "ERROR_IN_CRL_LAST_UPDATE_FIELD",
        OTHER,
        ("format error in CRL's lastUpdate field",),
        "the date of a CRL cannot be read.",
        "Have the CA issue its CRL anew.",
        _CRL,
    ),
    16: Code(
        "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
        OTHER,
        ("format error in CRL's nextUpdate field",),
        "the date of the CRL after this one cannot be read.",
        "Have the CA issue its CRL anew.",
        _CRL,
    ),
    17: Code(
        "OUT_OF_MEM",
        OTHER,
        ("out of memory",),
        "OpenSSL ran out of memory while it verified the certificate.",
        "Nothing is to be done there.",
        _MACHINE,
    ),
    18: Code(
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        CHAIN,
        ("self-signed certificate", "self signed certificate"),
        "the server made its certificate itself, and no CA stands behind it.",
        "Have a CA issue one, a public or a private one, or hand the certificate to the clients.",
        "Get the certificate from the server's operator, not from the connection, and give it by a rule's cafile.",
    ),
    19: Code(
        "SELF_SIGNED_CERT_IN_CHAIN",
        CHAIN,
        ("self-signed certificate in certificate chain", "self signed certificate in certificate chain"),
        "the server sent its chain up to a root that this machine does not trust.",
        "If clients outside of the organisation are to connect, have a public CA issue the certificate.",
        _CAFILE,
    ),
    20: Code(
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        CHAIN,
        ("unable to get local issuer certificate",),
        "the CA that issued the last certificate of the chain is neither trusted by this machine nor sent.",
        _SEND_CHAIN,
        _CAFILE,
    ),
    21: Code(
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        CHAIN,
        ("unable to verify the first certificate",),
        "the server sent one certificate alone, and the CA that issued it is not known here.",
        _SEND_CHAIN,
        _CAFILE,
    ),
    22: Code(
        "CERT_CHAIN_TOO_LONG",
        CHAIN,
        ("certificate chain too long",),
        "the chain has more CA certificates than the limit allows, which is 100 unless the program lowers it.",
        "Send the chain that belongs to the certificate, and nothing else.",
    ),
    23: Code(
        "CERT_REVOKED",
        OTHER,
        ("certificate revoked",),
        "the CA has revoked the certificate: its key may be in other hands.",
        "Have the certificate issued anew, with a new key.",
    ),
    24: Code(
        "NO_ISSUER_PUBLIC_KEY",
        KEY,
        ("issuer certificate doesn't have a public key",),
        "a CA certificate has no public key that OpenSSL could use.",
        _RENEW_CA,
    ),
    25: Code(
        "PATH_LENGTH_EXCEEDED",
        CONSTRAINTS,
        ("path length constraint exceeded",),
        "a CA certificate allows fewer CA certificates below it than there are.",
        "Have the certificate issued by a CA that may do so: the limit is the path length in the basic constraints.",
    ),
    26: Code(
        "INVALID_PURPOSE",
        PURPOSE,
        ("unsuitable certificate purpose", "unsupported certificate purpose"),
        "the certificate, or a CA certificate above it, is not for TLS servers: it says so by its (extended) key "
        "usage.",
        "Have a certificate issued for servers: with serverAuth in its extended key usage, and with digitalSignature "
        "in its key usage.",
    ),
    27: Code(
        "CERT_UNTRUSTED",
        CHAIN,
        ("certificate not trusted",),
        "the CA is known here, but is not trusted for TLS servers: its entry in the trust store says for what it is.",
        "If clients outside of the organisation are to connect, have a public CA issue the certificate.",
        "Look at the entry of the CA in the trust store: it is a `BEGIN TRUSTED CERTIFICATE` with other uses.",
    ),
    28: Code(
        "CERT_REJECTED",
        LIST,
        ("certificate rejected",),
        "a CA in the chain must not be trusted: its key is on the list of compromised keys that Python has since "
        "October 2026 (3.14.10, 3.15.2), or this machine's trust store rejects the CA for TLS servers.",
        "Have the certificate issued by another CA at once: whoever has a compromised key can pass for any server.",
    ),
    29: Code(
        "SUBJECT_ISSUER_MISMATCH",
        CHAIN,
        ("subject issuer mismatch",),
        "the issuer that a certificate names has another name than the CA certificate next to it.",
        _SEND_CHAIN,
    ),
    30: Code(
        "AKID_SKID_MISMATCH",
        CHAIN,
        ("authority and subject key identifier mismatch",),
        "a certificate names its CA's key by an identifier that the CA certificate next to it does not have.",
        _SEND_CHAIN,
        "Give the CA certificate with the key that issued it by a rule's cafile; a renewed CA often has both.",
    ),
    31: Code(
        "AKID_ISSUER_SERIAL_MISMATCH",
        CHAIN,
        ("authority and issuer serial number mismatch",),
        "a certificate names its CA's certificate by a serial number that the one next to it does not have.",
        _SEND_CHAIN,
        "Give the CA certificate with that serial number by a rule's cafile.",
    ),
    32: Code(
        "KEYUSAGE_NO_CERTSIGN",
        CONSTRAINTS,
        ("key usage does not include certificate signing",),
        "a certificate was issued by one whose key usage does not allow it to issue certificates.",
        "Have the CA certificate issued anew, with keyCertSign in its key usage.",
    ),
    33: Code(
        "UNABLE_TO_GET_CRL_ISSUER",
        OTHER,
        ("unable to get CRL issuer certificate",),
        "the certificate of the CA that issued a CRL is not known here.",
        "Nothing is to be done there: a server does not send CRLs.",
        _CRL,
    ),
    34: Code(
        "UNHANDLED_CRITICAL_EXTENSION",
        OTHER,
        ("unhandled critical extension",),
        "a certificate has an extension that is marked critical, and that OpenSSL does not know: it has to refuse it.",
        "Have the certificate issued anew without the extension, or with the extension not marked critical.",
    ),
    35: Code(
        "KEYUSAGE_NO_CRL_SIGN",
        OTHER,
        ("key usage does not include CRL signing",),
        "a CRL was issued by a CA whose key usage does not allow it to issue CRLs.",
        "Have the CA certificate issued anew, with cRLSign in its key usage.",
        _CRL,
    ),
    36: Code(
        "UNHANDLED_CRITICAL_CRL_EXTENSION",
        OTHER,
        ("unhandled critical CRL extension",),
        "a CRL has an extension that is marked critical, and that OpenSSL does not know.",
        "Have the CA issue its CRL anew without the extension.",
        _CRL,
    ),
    37: Code(
        "INVALID_NON_CA",
        CONSTRAINTS,
        ("invalid non-CA certificate (has CA markings)",),
        "a CA certificate stands where only one that is none may stand, as below a proxy certificate.",
        _NO_PROXY,
    ),
    38: Code(
        "PROXY_PATH_LENGTH_EXCEEDED",
        OTHER,
        ("proxy path length constraint exceeded",),
        "a proxy certificate (RFC 3820) allows fewer proxy certificates below it than there are.",
        _NO_PROXY,
    ),
    39: Code(
        "KEYUSAGE_NO_DIGITAL_SIGNATURE",
        PURPOSE,
        ("key usage does not include digital signature",),
        "the key usage of a certificate does not allow it to sign, and so not to issue a proxy certificate.",
        _NO_PROXY,
    ),
    40: Code(
        "PROXY_CERTIFICATES_NOT_ALLOWED",
        OTHER,
        ("proxy certificates not allowed, please set the appropriate flag",),
        "the server has a proxy certificate (RFC 3820), made by a user of a grid and not by a CA.",
        _NO_PROXY,
    ),
    41: Code(
        "INVALID_EXTENSION",
        OTHER,
        ("invalid or inconsistent certificate extension",),
        "an extension of a certificate cannot be read, or contradicts another one.",
        _RENEW,
    ),
    42: Code(
        "INVALID_POLICY_EXTENSION",
        OTHER,
        ("invalid or inconsistent certificate policy extension",),
        "the extension of a certificate that says under which policy it was issued cannot be read, or contradicts "
        "itself.",
        _RENEW,
    ),
    43: Code(
        "NO_EXPLICIT_POLICY",
        OTHER,
        ("no explicit policy",),
        "the program, or a CA of the chain, asks for a certificate policy that the certificate does not have.",
        "Have the certificate issued under the policy that is asked for.",
    ),
    44: Code(
        "DIFFERENT_CRL_SCOPE",
        OTHER,
        ("different CRL scope", "Different CRL scope"),
        "the CRL at hand is for other certificates than this one.",
        "Nothing is to be done there: a server does not send CRLs.",
        _LOAD_CRL,
    ),
    45: Code(
        "UNSUPPORTED_EXTENSION_FEATURE",
        OTHER,
        ("unsupported extension feature", "Unsupported extension feature"),
        "an extension of a certificate or a CRL uses a feature that OpenSSL does not know.",
        "Have it issued anew without that feature.",
    ),
    46: Code(
        "UNNESTED_RESOURCE",
        CONSTRAINTS,
        ("RFC 3779 resource not subset of parent's resources",),
        "the certificate claims IP addresses or AS numbers that its CA certificate does not have (RFC 3779).",
        "Have the certificate issued anew without the RFC 3779 extension: a mail or file server needs none.",
    ),
    47: Code(
        "PERMITTED_VIOLATION",
        CONSTRAINTS,
        ("permitted subtree violation",),
        "a CA may issue certificates for some names only, and the certificate has a name that is none of them.",
        "Have the certificate issued for permitted names only, or by a CA that may issue for all of its names.",
    ),
    48: Code(
        "EXCLUDED_VIOLATION",
        CONSTRAINTS,
        ("excluded subtree violation",),
        "a CA must not issue certificates for some names, and the certificate has one of them.",
        "Have the certificate issued without the excluded names, or by a CA that may issue for all of its names.",
    ),
    49: Code(
        "SUBTREE_MINMAX",
        CONSTRAINTS,
        ("name constraints minimum and maximum not supported",),
        "the name constraints of a CA certificate have a minimum or maximum, which RFC 5280 forbids.",
        _RENEW_CA,
    ),
    50: Code(
        "APPLICATION_VERIFICATION",
        PIN,
        ("the certificate has none of the pinned fingerprints", "application verification failure"),
        "a rule pins this server's certificate or its key, and the server has another one: it was renewed, or this is "
        "not the server.",
        "Tell the clients' operators the new fingerprint before each renewal, or keep the key.",
        "Ask the server's operator for the new fingerprint, and put it beside the old one in the rule.",
    ),
    51: Code(
        "UNSUPPORTED_CONSTRAINT_TYPE",
        CONSTRAINTS,
        ("unsupported name constraint type",),
        "the name constraints of a CA certificate are for a kind of name that OpenSSL cannot compare.",
        _RENEW_CA,
    ),
    52: Code(
        "UNSUPPORTED_CONSTRAINT_SYNTAX",
        CONSTRAINTS,
        ("unsupported or invalid name constraint syntax",),
        "the name constraints of a CA certificate cannot be read.",
        _RENEW_CA,
    ),
    53: Code(
        "UNSUPPORTED_NAME_SYNTAX",
        CONSTRAINTS,
        ("unsupported or invalid name syntax",),
        "a name in the certificate cannot be read, so it cannot be compared with the name constraints of its CA.",
        "Have the certificate issued anew with names in the usual form.",
    ),
    54: Code(
        "CRL_PATH_VALIDATION_ERROR",
        OTHER,
        ("CRL path validation error",),
        "the chain of the CA that issued a CRL is not in order.",
        "Have the CA issue its CRL anew.",
        _CRL,
    ),
    55: Code(
        "PATH_LOOP",
        CHAIN,
        ("path loop", "Path Loop"),
        "the chain runs in a circle.",
        _SEND_CHAIN,
    ),
    56: Code(
        "SUITE_B_INVALID_VERSION",
        KEY,
        ("Suite B: certificate version invalid",),
        "the program asks for Suite B, and a certificate is not of X.509 version 3.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    57: Code(
        "SUITE_B_INVALID_ALGORITHM",
        KEY,
        ("Suite B: invalid public key algorithm",),
        "the program asks for Suite B, and a certificate has a key that is not for ECDSA.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    58: Code(
        "SUITE_B_INVALID_CURVE",
        KEY,
        ("Suite B: invalid ECC curve",),
        "the program asks for Suite B, and a certificate has a key on another curve than P-256 or P-384.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    59: Code(
        "SUITE_B_INVALID_SIGNATURE_ALGORITHM",
        KEY,
        ("Suite B: invalid signature algorithm",),
        "the program asks for Suite B, and a certificate is signed in another way than by ECDSA and SHA-2.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    60: Code(
        "SUITE_B_LOS_NOT_ALLOWED",
        KEY,
        ("Suite B: curve not allowed for this LOS",),
        "the program asks for Suite B, and a certificate has a curve that is not for the level of security asked for.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    61: Code(
        "SUITE_B_CANNOT_SIGN_P_384_WITH_P_256",
        KEY,
        ("Suite B: cannot sign P-384 with P-256",),
        "the program asks for Suite B, and a CA with a weaker key has issued a certificate with a stronger one.",
        _SUITE_B,
        _SUITE_B_HERE,
    ),
    62: Code(
        "HOSTNAME_MISMATCH",
        NAME,
        ("Hostname mismatch, certificate is not valid for '...'.", "hostname mismatch", "Hostname mismatch"),
        "the certificate is for other names than the one that the program asked for.",
        "Have the certificate issued for this name as well, as a DNS name in its subjectAltName.",
        "Connect by a name that is in the certificate; if it must be this one, give a name that is in it by a rule's "
        "server_hostname.",
    ),
    63: Code(
        "EMAIL_MISMATCH",
        NAME,
        ("email address mismatch", "Email address mismatch"),
        "the certificate is for another email address than the one that the program asked for.",
        "Have the certificate issued for this email address as well.",
        "Look at the program that asks for an email address; a default context does not.",
    ),
    64: Code(
        "IP_ADDRESS_MISMATCH",
        NAME,
        ("IP address mismatch, certificate is not valid for '...'.", "IP address mismatch"),
        "the program connects to an IP address, and the certificate is not for it; most are for names alone.",
        "Have the certificate issued for the address as well, as an IP address in its subjectAltName.",
        "Connect by a name that is in the certificate; if it must be the address, give a name that is in it by a "
        "rule's server_hostname.",
    ),
    65: Code(
        "DANE_NO_MATCH",
        OTHER,
        ("no matching DANE TLSA records", "No matching DANE TLSA records"),
        "the certificate fits none of the TLSA records in the DNS.",
        "Publish the TLSA record of the new certificate before each renewal.",
        "Look at the program that asks for DANE; a default context does not.",
    ),
    66: Code(
        "EE_KEY_TOO_SMALL",
        KEY,
        ("EE certificate key too weak",),
        "the key of the server's certificate is too weak for the security level of this machine's OpenSSL.",
        _STRONGER,
    ),
    67: Code(
        "CA_KEY_TOO_SMALL",
        KEY,
        ("CA certificate key too weak",),
        "the key of a CA certificate is too weak for the security level of this machine's OpenSSL.",
        "Have the CA make a new key, RSA of 2048 bits or more, and issue the server's certificate anew with it.",
    ),
    68: Code(
        "CA_MD_TOO_WEAK",
        KEY,
        ("CA signature digest algorithm too weak",),
        "a certificate is signed by way of MD5 or SHA-1, which is too weak for the security level of this machine's "
        "OpenSSL.",
        "Have it issued anew, signed by way of SHA-256.",
    ),
    69: Code(
        "INVALID_CALL",
        OTHER,
        ("invalid certificate verification context", "Invalid certificate verification context"),
        "OpenSSL was called in a wrong way, so the certificate was not verified.",
        "Nothing is to be done there.",
        _MACHINE,
    ),
    70: Code(
        "STORE_LOOKUP",
        OTHER,
        ("issuer certificate lookup error", "Issuer certificate lookup error"),
        "this machine's trust store could not be read.",
        "Nothing is to be done there.",
        "Look at the files of the trust store; `securedefaults doctor` names them.",
    ),
    71: Code(
        "NO_VALID_SCTS",
        OTHER,
        ("Certificate Transparency required, but no valid SCTs found",),
        "the program asks for Certificate Transparency, and the certificate has no valid timestamps of it.",
        "Have the certificate issued by a public CA that logs what it issues.",
        "Look at the program that asks for Certificate Transparency; a default context does not.",
    ),
    72: Code(
        "PROXY_SUBJECT_NAME_VIOLATION",
        OTHER,
        ("proxy subject name violation",),
        "the subject of a proxy certificate (RFC 3820) is not its issuer's with one name added.",
        _NO_PROXY,
    ),
    73: Code(
        "OCSP_VERIFY_NEEDED",
        OTHER,
        ("OCSP verification needed",),
        "the program asks the CA by OCSP whether the certificate was revoked, and has no answer yet.",
        "Let the server send the CA's answer with its certificate (OCSP stapling).",
        _OCSP,
    ),
    74: Code(
        "OCSP_VERIFY_FAILED",
        OTHER,
        ("OCSP verification failed",),
        "the CA's answer by OCSP could not be verified.",
        "Let the server get a new answer from its CA.",
        _OCSP,
    ),
    75: Code(
        "OCSP_CERT_UNKNOWN",
        OTHER,
        ("OCSP unknown cert",),
        "the CA answers by OCSP that it does not know the certificate.",
        _RENEW,
        _OCSP,
    ),
    76: Code(
        "UNSUPPORTED_SIGNATURE_ALGORITHM",
        KEY,
        ("Cannot find certificate signature algorithm",),
        "a certificate is signed by an algorithm that this OpenSSL does not have.",
        "Have it issued anew, signed by a common algorithm such as ECDSA or RSA with SHA-256.",
    ),
    77: Code(
        "SIGNATURE_ALGORITHM_MISMATCH",
        KEY,
        ("subject signature algorithm and issuer public key algorithm mismatch",),
        "a certificate is signed by another kind of key than the CA named as its issuer has.",
        "Install the certificate as the CA has issued it, and the CA certificates that belong to it.",
    ),
    78: Code(
        "SIGNATURE_ALGORITHM_INCONSISTENCY",
        STRICT,
        ("cert info signature and signature algorithm mismatch",),
        "a certificate names its signature algorithm in two places, and not the same one.",
        _RENEW,
    ),
    79: Code(
        "INVALID_CA",
        CONSTRAINTS,
        ("invalid CA certificate",),
        "a certificate was issued by one that is no CA certificate, or not one of X.509 version 3.",
        "Have the certificate issued by a CA whose own certificate says so, by CA:TRUE in its basic constraints.",
    ),
    80: Code(
        "PATHLEN_INVALID_FOR_NON_CA",
        STRICT,
        ("Path length invalid for non-CA cert",),
        "a certificate that is not for a CA has a path length, which only CA certificates may have.",
        _RENEW,
        _STRICT,
    ),
    81: Code(
        "PATHLEN_WITHOUT_KU_KEY_CERT_SIGN",
        STRICT,
        ("Path length given without key usage keyCertSign",),
        "a CA certificate has a path length, but its key usage does not say that it may issue certificates.",
        "Have the CA certificate issued anew, with keyCertSign in its key usage.",
        _STRICT,
    ),
    82: Code(
        "KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA",
        STRICT,
        ("Key usage keyCertSign invalid for non-CA cert",),
        "the key usage of a certificate says that it may issue others, but it is no CA certificate.",
        "Have the certificate issued anew, without keyCertSign in its key usage.",
        _STRICT,
    ),
    83: Code(
        "ISSUER_NAME_EMPTY",
        STRICT,
        ("Issuer name empty",),
        "a certificate does not name its issuer.",
        "Give the CA a name, and have its certificate and the server's issued anew.",
        _STRICT,
    ),
    84: Code(
        "SUBJECT_NAME_EMPTY",
        STRICT,
        ("Subject name empty",),
        "a CA certificate has no name, or the server's has neither a subject nor a subjectAltName.",
        "Have it issued anew with a name.",
    ),
    85: Code(
        "MISSING_AUTHORITY_KEY_IDENTIFIER",
        STRICT,
        ("Missing Authority Key Identifier",),
        "a certificate does not say by which key of its CA it was signed (authority key identifier).",
        "Have it issued anew with authorityKeyIdentifier=keyid.",
        _STRICT,
    ),
    86: Code(
        "MISSING_SUBJECT_KEY_IDENTIFIER",
        STRICT,
        ("Missing Subject Key Identifier",),
        "a CA certificate has no identifier for its key (subject key identifier).",
        "Have the CA certificate issued anew with subjectKeyIdentifier=hash.",
        _STRICT,
    ),
    87: Code(
        "EMPTY_SUBJECT_ALT_NAME",
        STRICT,
        ("Empty Subject Alternative Name extension",),
        "a certificate has a list of names, subjectAltName, with no name in it.",
        "Have the certificate issued anew for the names of the server.",
    ),
    88: Code(
        "EMPTY_SUBJECT_SAN_NOT_CRITICAL",
        STRICT,
        ("Subject empty and Subject Alt Name extension not critical",),
        "a certificate has names in subjectAltName only, and that is not marked critical, as RFC 5280 demands.",
        "Have the certificate issued anew with a subject, or with a critical subjectAltName.",
        _STRICT,
    ),
    89: Code(
        "CA_BCONS_NOT_CRITICAL",
        STRICT,
        ("Basic Constraints of CA cert not marked critical",),
        "the basic constraints of a CA certificate are not marked critical.",
        "Have the CA certificate issued anew with basicConstraints=critical,CA:TRUE.",
        _STRICT,
    ),
    90: Code(
        "AUTHORITY_KEY_IDENTIFIER_CRITICAL",
        STRICT,
        ("Authority Key Identifier marked critical",),
        "the authority key identifier of a certificate is marked critical, which RFC 5280 forbids.",
        _RENEW,
    ),
    91: Code(
        "SUBJECT_KEY_IDENTIFIER_CRITICAL",
        STRICT,
        ("Subject Key Identifier marked critical",),
        "the subject key identifier of a certificate is marked critical, which RFC 5280 forbids.",
        _RENEW,
    ),
    92: Code(
        "CA_CERT_MISSING_KEY_USAGE",
        STRICT,
        ("CA cert does not include key usage extension",),
        "a CA certificate has no key usage, as a plain `openssl req -x509` makes it.",
        "Have the CA certificate issued anew with keyUsage=critical,keyCertSign,cRLSign.",
        _STRICT,
    ),
    93: Code(
        "EXTENSIONS_REQUIRE_VERSION_3",
        STRICT,
        ("Using cert extension requires at least X509v3",),
        "a certificate has extensions, and says that it is of a version of X.509 that has none.",
        _RENEW,
        _STRICT,
    ),
    94: Code(
        "EC_KEY_EXPLICIT_PARAMS",
        KEY,
        ("Certificate public key has explicit ECC parameters",),
        "the key of a certificate is on a curve that is written out instead of named.",
        "Have it issued anew with a named curve, such as P-256.",
    ),
    95: Code(
        "RPK_UNTRUSTED",
        OTHER,
        ("Raw public key untrusted, no trusted keys configured",),
        "the server has no certificate but a raw public key (RFC 7250), and none is trusted here.",
        "Let the server present a certificate.",
        "Look at the program that asks for raw public keys; a default context does not.",
    ),
    96: Code(
        "OCSP_RESP_INVALID",
        OTHER,
        ("OCSP response(s) invalid",),
        "the CA's answer by OCSP that the server sent cannot be read.",
        "Let the server get a new answer from its CA.",
        _OCSP,
    ),
    97: Code(
        "OCSP_SIGNATURE_FAILURE",
        OTHER,
        ("OCSP response signature verification failure",),
        "the signature of the CA's answer by OCSP is wrong.",
        "Let the server get a new answer from its CA.",
        _OCSP,
    ),
    98: Code(
        "OCSP_NOT_YET_VALID",
        OTHER,
        ("OCSP response not yet valid (contains a date in the future)",),
        "the CA's answer by OCSP is not valid yet by this machine's clock.",
        "Look at the clock of the CA's machine.",
        "Look at this machine's clock first.",
    ),
    99: Code(
        "OCSP_HAS_EXPIRED",
        OTHER,
        ("OCSP response has expired",),
        "the CA's answer by OCSP has expired by this machine's clock.",
        "Let the server get a new answer from its CA.",
        "Look at this machine's clock first.",
    ),
    100: Code(
        "OCSP_NO_RESPONSE",
        OTHER,
        ("no OCSP response available for certificate",),
        "the program asks for the CA's answer by OCSP, and the server sent none.",
        "Let the server send the CA's answer with its certificate (OCSP stapling).",
        _OCSP,
    ),
}

#: OpenSSL 1.1.1 gave these numbers to what has another one since 3.0; the message tells which row is meant.
OF_1_1_1 = {24: 79, 76: 77, 77: 24, 78: 76, 79: 94}

_UNKNOWN = Code(
    "",
    OTHER,
    (),
    "OpenSSL says why, by a code that this version of securedefaults has no words for.",
    "Look up OpenSSL's message in its documentation, at X509_STORE_CTX_get_error.",
)
_NO_CODE = Code(
    "",
    OTHER,
    (),
    "it was not OpenSSL that refused it but the program, or something that it uses, for the reason that it gives.",
    "Look up the message in the documentation of the program.",
)


def of(code: Optional[int], message: str = "") -> Code:
    """The row of a code; one that says little for a code that nobody has words for.

    Args:
        code: the verify code.
        message: OpenSSL's words for it; they decide about the numbers that OpenSSL 1.1.1 gave to something else.
    """
    if code is None:
        return _NO_CODE
    other = CODES.get(OF_1_1_1.get(code, -1))
    if other is not None and message in other.messages:
        return other
    return CODES.get(code, _UNKNOWN)
