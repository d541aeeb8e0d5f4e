# expect: SD201 possible | smtplib.SMTP_SSL("a.example.test", context=mode)
# expect: SD201 possible | smtplib.SMTP_SSL("b.example.test", context=name)
# expect: SD201 possible | smtplib.SMTP_SSL("c.example.test", context=trust)
import smtplib
import ssl


def connect(lax, system):
    mode = ssl.create_default_context()
    if lax:
        mode.check_hostname = False
        mode.verify_mode = ssl.CERT_NONE
    smtplib.SMTP_SSL("a.example.test", context=mode)
    name = ssl.create_default_context()
    name.check_hostname = not lax
    if lax:
        name.check_hostname = False
    smtplib.SMTP_SSL("b.example.test", context=name)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if system:
        trust.load_default_certs()
    smtplib.SMTP_SSL("c.example.test", context=trust)
