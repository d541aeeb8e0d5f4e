# expect: SD201 definite | "a.example.test"
# expect: SD201 definite | "b.example.test"
# expect: SD201 definite | "c.example.test"
# expect: SD201 definite | "d.example.test"
# expect: SD201 definite | "e.example.test"
import smtplib
import ssl

import truststore


class Plain(ssl.SSLContext):
    pass


class Relaxed(ssl.SSLContext):
    def __init__(self, protocol):
        super().__init__()
        self.check_hostname = False
        self.verify_mode = ssl.CERT_NONE


class Strict(ssl.SSLContext):
    def __init__(self, protocol):
        self.load_default_certs()

    set_ciphers = None

    def relax(self):
        self.check_hostname = False
        self.set_ciphers("HIGH")


class Derived(Strict):
    relax_more = 1


class System(truststore.SSLContext):
    def relax(self):
        self.verify_mode = ssl.CERT_NONE


smtplib.SMTP_SSL("a.example.test", context=Plain(ssl.PROTOCOL_TLS))
smtplib.SMTP_SSL("b.example.test", context=Relaxed(ssl.PROTOCOL_TLS_CLIENT))
smtplib.SMTP_SSL("c.example.test", context=Plain(ssl.PROTOCOL_TLS_CLIENT))
strict = Derived(ssl.PROTOCOL_TLS_CLIENT)
smtplib.SMTP_SSL("good.example.test", context=strict)
strict.relax()
smtplib.SMTP_SSL("d.example.test", context=strict)
system = System()
smtplib.SMTP_SSL("good.example.test", context=system)
system.relax()
smtplib.SMTP_SSL("e.example.test", context=system)
