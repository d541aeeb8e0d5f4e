# expect: SD101 definite fixable | mail.SMTP_SSL("
# expect: SD101 definite fixable | Secure("mail.example.test")
# expect: SD101 definite fixable | connect("mail.example.test")
import smtplib as mail
from imaplib import IMAP4_SSL as Secure

connect = mail.SMTP_SSL
mail.SMTP_SSL("mail.example.test")
Secure("mail.example.test")
connect("mail.example.test")
