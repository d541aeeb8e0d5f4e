# expect: SD402 possible | one = {
# expect: SD402 possible | two = {
# expect: SD402 definite | three = {
from logging.handlers import SMTPHandler

from our_project import others

one = {"class": "logging.handlers.SMTPHandler", "secure": ()}
two = {"class": "logging.handlers.SMTPHandler", "credentials": ("user", "secret"), "secure": [], **others}
three = {"()": SMTPHandler, "credentials": ("user", "secret"), "secure": ()}
four = {"class": "logging.handlers.SMTPHandler", "credentials": ("user", "secret"), "secure": None}
five = {"class": "logging.StreamHandler", "secure": ()}
six = {"class": 7, "secure": ()}
