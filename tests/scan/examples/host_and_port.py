# expect: SD301 definite | smtplib.SMTP_SSL("mail.example.test:465"
# expect: SD301 definite | smtplib.SMTP("%s:%d" % (host, port))
# expect: SD301 definite | smtplib.SMTP(f"{host}:{port}")
import smtplib
import ssl

context = ssl.create_default_context()
smtplib.SMTP_SSL("mail.example.test:465", context=context)


def connect(host, port):
    smtp = smtplib.SMTP("%s:%d" % (host, port))
    smtp.starttls(context=context)
    other = smtplib.SMTP(f"{host}:{port}")
    other.starttls(context=context)
    clear = smtplib.SMTP("mail.example.test:25")
    clear.sendmail("a", "b", "c")
