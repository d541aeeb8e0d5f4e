# expect: SD201 definite | smtplib.SMTP_SSL
import smtplib
import ssl

context = ssl.create_default_context()
setattr(context, "check_hostname", False)
context.verify_mode = ssl.VerifyMode.CERT_NONE
smtplib.SMTP_SSL("mail.example.test", context=context)
