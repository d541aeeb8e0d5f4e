"""A certificate that nobody trusts: what a client does with it shows whether it verifies."""

from __future__ import annotations

import binascii

#: Self-signed for NAME and 127.0.0.1, and no CA; DER.
CERTIFICATE = binascii.a2b_base64(
    "MIIBxjCCAWygAwIBAgIUQSxD3Qil0ZwL0bVfLMoWyqgxaIMwCgYIKoZIzj0EAwIwKzEpMCcGA1UEAwwgc2VjdXJlZGVmYXVsdHMgZG9j"
    "dG9yJ3MgaW1wb3N0b3IwIBcNMjYxMTI0MDAwMDAwWhgPMjEyNjEwMzEwMDAwMDBaMCsxKTAnBgNVBAMMIHNlY3VyZWRlZmF1bHRzIGRv"
    "Y3RvcidzIGltcG9zdG9yMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li"
    "/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9aNsMGowHQYDVR0OBBYEFLRno5mete+mcd4AMvCKnJ5e/aDhMB8GA1UdIwQYMBaAFLRn"
    "o5mete+mcd4AMvCKnJ5e/aDhMAwGA1UdEwEB/wQCMAAwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0gAMEUC"
    "IAwWHZ8FyswsDrcZeUCvplOTh2HeGk1V6ptVlVzZxCU7AiEA7t9XnvaDgAuaASQdD1QBiFWKv9UtKFmMEUM1Ak0s0hg="
)

#: that it is for
NAME = "localhost"
#: that no certificate is for (RFC 6761 section 6.4)
NO_NAME = "nobody.securedefaults.invalid"
