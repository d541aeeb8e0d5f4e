# kind: possible
# level: plain
# run: none (needs a settings module)

import smtplib

from our_project import settings

with smtplib.SMTP(settings.HOST, settings.PORT) as smtp:
    smtp.starttls(context=getattr(settings, "TLS_CONTEXT", None))  # <- SD101|SD102|SD103 possible
    smtp.login(settings.USER, settings.PASSWORD)
