# expect: SD201 definite | smtplib.SMTP_SSL("mail.example.test", context=context)
import smtplib
import ssl

context = ssl.create_default_context()
context.set_ciphers("HIGH")
context.__setattr__("check_hostname", False)
context.__setattr__("verify_mode", ssl.CERT_NONE)
smtplib.SMTP_SSL("mail.example.test", context=context)
