# expect: SD201 definite | "a.example.test"
# expect: SD201 definite | "b.example.test"
# expect: SD201 definite | "c.example.test"
# expect: SD201 definite | "d.example.test"
import smtplib
import ssl

required = {"cert_reqs": ssl.CERT_REQUIRED, "check_hostname": True}
smtplib.SMTP_SSL("a.example.test", context=ssl._create_stdlib_context())
smtplib.SMTP_SSL("b.example.test", context=ssl._create_unverified_context(cert_reqs=ssl.CERT_REQUIRED))
smtplib.SMTP_SSL("c.example.test", context=ssl._create_unverified_context(check_hostname=False, cafile="ca.pem"))
smtplib.SMTP_SSL("d.example.test", context=ssl._create_stdlib_context(**required))
smtplib.SMTP_SSL("e.example.test", context=ssl._create_stdlib_context(cafile="ca.pem", **required))
