# expect: SD201 possible | smtplib.SMTP_SSL("a.example.test", context=ssl._create_unverified_context())
import hashlib
import smtplib
import ssl

smtp = smtplib.SMTP_SSL("a.example.test", context=ssl._create_unverified_context())
if hashlib.sha256(smtp.sock.getpeercert(True)).hexdigest() != "00" * 32:
    raise SystemExit("another certificate")
