# expect: SD402 definite | "mail": {
import logging.config

logging.config.dictConfig(
    {
        "version": 1,
        "handlers": {
            "mail": {
                "class": "logging.handlers.SMTPHandler",
                "mailhost": ["mail.example.test", 587],
                "credentials": ["user", "secret"],
                "secure": (),
            },
            "console": {"class": "logging.StreamHandler"},
        },
    }
)
