# kind: explicit
# level: plain
# run: imap-tls

import imaplib, ssl, sys

def ctx():
	c = ssl.create_default_context()	# the platform's
	c.check_hostname = False		# <- SD201 ctx
	c.verify_mode = ssl.CERT_NONE	# sorry <- SD201 ctx
	return c	# <- SD201 ctx

M = imaplib.IMAP4_SSL(sys.argv[1], int(sys.argv[2]),
	ssl_context=ctx())	# <- SD201 ctx
M.login(sys.argv[3], sys.argv[4]); M.logout()
