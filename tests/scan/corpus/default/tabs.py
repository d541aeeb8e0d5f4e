# kind: default
# level: plain
# run: smtp-starttls

import sys
import smtplib


class Mailer:

	def __init__(self, host, port):
		self.host = host
		self.port = port

	def send(self, user, password, text):
		server = smtplib.SMTP(self.host, self.port)
		try:
			server.starttls()	# <- SD101
			server.login(user, password)
			server.sendmail('a@example.test', 'b@example.test', text)
		finally:
			server.quit()


Mailer(sys.argv[1], int(sys.argv[2])).send(sys.argv[3], sys.argv[4], 'Subject: x\n\nx')
