# kind: default
# level: inference
# run: smtp-starttls

"""A context is made with care, and then forgotten."""

import smtplib
import ssl
import sys

context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1_2

smtp = smtplib.SMTP(sys.argv[1], int(sys.argv[2]))
smtp.ehlo()
smtp.starttls()  # <- SD101
smtp.ehlo()
smtp.login(sys.argv[3], sys.argv[4])
smtp.quit()
