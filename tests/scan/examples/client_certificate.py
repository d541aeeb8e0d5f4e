# expect: SD101 definite | smtp.starttls(keyfile="key.pem", certfile="cert.pem")
# expect: SD101 definite | imaplib.IMAP4_SSL("mail.example.test", 993, "key.pem", "cert.pem")
import imaplib
import smtplib

smtp = smtplib.SMTP("mail.example.test")
smtp.starttls(keyfile="key.pem", certfile="cert.pem")
imaplib.IMAP4_SSL("mail.example.test", 993, "key.pem", "cert.pem")
