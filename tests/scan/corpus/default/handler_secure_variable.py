# kind: default
# level: inference
# run: smtp-starttls

import logging.handlers
import os
import sys

secure = () if os.environ.get("USE_TLS", "1") == "1" else None
handler = logging.handlers.SMTPHandler(
    mailhost=(sys.argv[1], int(sys.argv[2])), fromaddr="a@example.test", toaddrs=["b@example.test"],
    subject="Failure", credentials=(sys.argv[3], sys.argv[4]), secure=secure,
)  # <- SD401
root = logging.getLogger()
root.addHandler(handler)
root.error("oh")
