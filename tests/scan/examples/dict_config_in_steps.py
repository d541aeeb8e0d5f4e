# expect: SD402 definite | handler = {
# expect: SD402 definite | other = dict(
"""A handler's configuration that is completed later."""

import logging.config


def configure(credentials):
    handler = {
        "class": "logging.handlers.SMTPHandler",
        "credentials": credentials,
    }
    handler["secure"] = ()
    other = dict(
        credentials=credentials,
        secure=(),
    )
    other["class"] = "logging.handlers.SMTPHandler"
    third = {"class": "logging.StreamHandler"}
    third["secure"] = ()
    logging.config.dictConfig({"version": 1, "handlers": {"mail": handler, "other": other, "third": third}})
