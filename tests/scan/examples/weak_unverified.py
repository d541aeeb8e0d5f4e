# expect: SD201 definite | context=ssl._create_unverified_context()
# expect: SD201 definite | context=ssl._create_stdlib_context()
import smtplib
import ssl

smtplib.SMTP_SSL("mail.example.test", context=ssl._create_unverified_context())
smtplib.SMTP_SSL("mail.example.test", context=ssl._create_stdlib_context())
