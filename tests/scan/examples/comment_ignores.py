# expect: SD101 definite fixable | smtplib.SMTP_SSL("c.example.test")
import smtplib

smtplib.SMTP_SSL("a.example.test")  # securedefaults: ignore[SD101] a test server
smtplib.SMTP_SSL(
    "b.example.test",  # securedefaults: ignore[SD101, SD102] a test server
)
smtplib.SMTP_SSL("c.example.test")  # securedefaults: ignore[SD201] another rule
