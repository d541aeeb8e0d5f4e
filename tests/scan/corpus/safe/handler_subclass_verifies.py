# kind: safe
# level: flow
# run: smtp-tls

import logging
import logging.handlers
import smtplib
import ssl
import sys


class SafeHandler(logging.handlers.SMTPHandler):
    def emit(self, record):
        with smtplib.SMTP_SSL(self.mailhost, self.mailport, context=ssl.create_default_context()) as s:
            s.login(self.username, self.password)
            s.sendmail(self.fromaddr, self.toaddrs, "Subject: x\r\n\r\n" + self.format(record))


handler = SafeHandler((sys.argv[1], int(sys.argv[2])), "a@example.test", ["b@example.test"], "x", (sys.argv[3], sys.argv[4]))
log = logging.getLogger()
log.addHandler(handler)
log.error("oh")
