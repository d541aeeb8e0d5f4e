import sys

from django.conf import settings

host, port, user, password = sys.argv[1:]
settings.configure(
    EMAIL_HOST=host, EMAIL_PORT=int(port), EMAIL_HOST_USER=user, EMAIL_HOST_PASSWORD=password, EMAIL_USE_TLS=True
)

from django.core.mail import send_mail  # noqa: E402

send_mail("subject", "text", "a@example.test", ["b@example.test"])
