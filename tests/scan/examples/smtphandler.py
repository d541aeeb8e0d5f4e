# expect: SD401 definite | SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"), ())
# expect: SD401 definite | logging.handlers.SMTPHandler(
# expect: SD401 possible | "no credentials"
import logging.handlers
from logging.handlers import SMTPHandler

SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"), ())
logging.handlers.SMTPHandler(
    mailhost=("mail.example.test", 587),
    fromaddr="a",
    toaddrs=["b"],
    subject="subject",
    credentials=("user", "secret"),
    secure=(),
)
SMTPHandler("mail.example.test", "a", ["b"], "no credentials", secure=())
SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"))
SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"), None)
