# expect: SD101 definite fixable | importlib.import_module("smtplib").SMTP_SSL
# expect: SD101 definite fixable | __import__("imaplib").IMAP4_SSL
# expect: SD101 definite fixable | sys.modules["poplib"].POP3_SSL
import importlib
import sys

importlib.import_module("smtplib").SMTP_SSL("mail.example.test")
__import__("imaplib").IMAP4_SSL("mail.example.test")
sys.modules["poplib"].POP3_SSL("mail.example.test")
