import sys

from flask import Flask
from flask_mail import Mail, Message

host, port, user, password = sys.argv[1:]
app = Flask(__name__)
app.config.update(MAIL_SERVER=host, MAIL_PORT=int(port), MAIL_USE_TLS=True, MAIL_USERNAME=user, MAIL_PASSWORD=password)
with app.app_context():
    Mail(app).send(Message("subject", ["b@example.test"], "text", sender="a@example.test"))
