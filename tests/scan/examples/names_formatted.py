# expect: SD101 definite fixable | formatted
# expect: SD101 definite fixable | added
# expect: SD301 definite | with both
import importlib
import smtplib
import ssl

importlib.import_module("%slib" % "smtp").SMTP_SSL("mail.example.test")  # formatted
importlib.import_module("%d" % "smtp").SMTP_SSL("mail.example.test")
getattr(smtplib, "SMTP" + "_SSL")("mail.example.test")  # added


def connect(host, port):
    context = ssl.create_default_context()
    smtplib.SMTP_SSL("%s:%d" % (host, port), context=context)  # with both
    smtplib.SMTP_SSL("%s" % host, context=context)
    smtplib.SMTP_SSL("smtp.%s" % host, context=context)
    smtplib.SMTP_SSL(host % port, context=context)
