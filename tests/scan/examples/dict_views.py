# expect: SD101 definite fixable | smtp.starttls()
# expect: SD101 definite fixable | pop.stls()
# expect: SD101 definite fixable | smtplib.SMTP_SSL("mail.example.test", **copied)
import poplib
import smtplib
import ssl

servers = {"a": smtplib.SMTP("a.example.test")}
for name, smtp in servers.items():
    smtp.starttls()
for pop in {"b": poplib.POP3("b.example.test")}.values():
    pop.stls()
options = {"port": 465}
copied = options.copy()
options["context"] = ssl.create_default_context()
options.clear()
smtplib.SMTP_SSL("mail.example.test", **copied)
