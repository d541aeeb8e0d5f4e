# expect: SD401 possible | SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"), secure)
import logging.handlers


def handler(secure):
    return logging.handlers.SMTPHandler("mail.example.test", "a", ["b"], "subject", ("user", "secret"), secure)
