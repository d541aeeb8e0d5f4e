# expect: SD201 definite | poplib.POP3_SSL
import poplib
import ssl


def insecure():
    context = ssl.create_default_context()
    _loosen(context)
    return context


def _loosen(context):
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


poplib.POP3_SSL("mail.example.test", context=insecure())
