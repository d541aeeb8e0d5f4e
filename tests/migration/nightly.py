"""A program of some age. It fetches mail, sends a report and uploads a file; it passes no context anywhere."""

import ftplib
import imaplib
import io
import os
import smtplib

mailbox = imaplib.IMAP4_SSL("localhost", int(os.environ["IMAP_PORT"]))
mailbox.login("nightly", "secret")
mailbox.select()
mailbox.logout()

smtp = smtplib.SMTP("localhost", int(os.environ["SMTP_PORT"]))
smtp.starttls()
smtp.login("nightly", "secret")
smtp.sendmail("nightly@example.test", ["you@example.test"], "Subject: all is well\r\n\r\n")
smtp.quit()

ftp = ftplib.FTP_TLS()
ftp.connect("localhost", int(os.environ["FTP_PORT"]))
ftp.login("nightly", "secret")
ftp.prot_p()
ftp.storbinary("STOR report", io.BytesIO(b"all is well"))
ftp.quit()

print("done")
