# expect: SD201 definite | smtplib.SMTP_SSL("a.example.test", context=bare)
import smtplib
import ssl

bare = ssl.SSLContext(ssl.PROTOCOL_TLS)
bare.minimum_version = ssl.TLSVersion.TLSv1_2
bare.load_default_certs()
smtplib.SMTP_SSL("a.example.test", context=bare)
bare.check_hostname = True
smtplib.SMTP_SSL("b.example.test", context=bare)
