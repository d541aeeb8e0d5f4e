import sys

from flask import Flask
from flask_mailman import EmailMessage, Mail

host, port, user, password = sys.argv[1:]
app = Flask(__name__)
app.config.update(MAIL_SERVER=host, MAIL_PORT=int(port), MAIL_USE_TLS=True, MAIL_USERNAME=user, MAIL_PASSWORD=password)
Mail(app)
with app.app_context():
    EmailMessage("subject", "text", "a@example.test", ["b@example.test"]).send()
