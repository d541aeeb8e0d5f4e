# -*- coding: latin-1 -*-
# kind: default
# level: plain
# run: smtp-tls

import smtplib
import sys

BETREFF = "Grüße"
verbindung = smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), "größe.example.test".encode("idna").decode())  # è <- SD101
verbindung.login(sys.argv[3], sys.argv[4])
verbindung.quit()
