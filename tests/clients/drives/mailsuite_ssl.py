import sys

from mailsuite.smtp import send_email

host, port, user, password = sys.argv[1:]
send_email(
    host,
    "a@example.test",
    message_to=["b@example.test"],
    port=int(port),
    require_encryption=True,
    username=user,
    password=password,
    subject="subject",
    plain_message="text",
)
