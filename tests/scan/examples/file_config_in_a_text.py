# expect: SD402 definite | class: handlers.SMTPHandler
# expect: SD402 definite | class = handlers.SMTPHandler
# expect: SD402 definite | class=logging.handlers.SMTPHandler
# expect: SD402 possible | args=("mail.example.test", "a", ["b"], "c", None, ())
"""How it is not written:

[handler_documented]
class=handlers.SMTPHandler
args=("mail.example.test", "a", ["b"], "c", ("user", "secret"), ())
"""

import configparser
import io
import logging.config
import textwrap

CONFIGURATION = """
[handler_mail]
class = handlers.SMTPHandler
args=(("mail.example.test", 587), "from@example.test",
    ["to@example.test"], "subject", ("user", "secret"), ())
[handler_plain]
class=handlers.SMTPHandler
args=("mail.example.test", "a", ["b"], "c")
"""
logging.config.fileConfig(io.StringIO(CONFIGURATION))


def indented():
    parser = configparser.ConfigParser()
    parser.read_string(
        textwrap.dedent(
            """\
            [handler_mail]
            class=logging.handlers.SMTPHandler
            kwargs={"mailhost": "mail.example.test", "credentials": ("user", "secret"), "secure": ()}
            """
        )
    )
    logging.config.fileConfig(parser)


ONE_LINE = '[handler_mail]\nclass=handlers.SMTPHandler\nargs=("mail.example.test", "a", ["b"], "c", None, ())'
FILLED_IN = """
[handler_mail]
class: handlers.SMTPHandler
args=(("%s", %d), "a", ["b"], "c", (%r, %r), ())
"""
