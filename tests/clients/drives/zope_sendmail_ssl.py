import sys

from zope.sendmail.mailer import SMTPMailer

host, port, user, password = sys.argv[1:]
mailer = SMTPMailer(host, int(port), user, password, implicit_tls=True)
mailer.send("a@example.test", ["b@example.test"], "Subject: subject\r\n\r\ntext")
