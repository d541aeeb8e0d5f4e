# expect: nothing
import smtplib

from settings import CONTEXT, make_context


def send(context):
    smtplib.SMTP_SSL("mail.example.test", context=CONTEXT)
    smtplib.SMTP_SSL("mail.example.test", context=make_context())
    smtplib.SMTP_SSL("mail.example.test", context=context)
