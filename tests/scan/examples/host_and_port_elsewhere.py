# expect: SD301 definite | smtp.connect("a.example.test:587")
# expect: SD301 definite | two.connect("d.example.test:465")
import smtplib
import ssl

context = ssl.create_default_context()
smtp = smtplib.SMTP()
smtp.connect("a.example.test:587")
smtp.starttls(context=context)
smtplib.SMTP("b.example.test:25", 25).starttls(context=context)
smtplib.SMTP("c.example.test:25").noop()
two = smtplib.SMTP_SSL(context=context)
two.connect("d.example.test:465")
