import getpass
import sys
from pathlib import Path

from mailmerge.__main__ import main

host, port, user, password = sys.argv[1:]
getpass.getpass = lambda prompt: password
Path("mailmerge_server.conf").write_text(
    "[smtp_server]\nhost = %s\nport = %s\nsecurity = STARTTLS\nusername = %s\n" % (host, port, user)
)
Path("mailmerge_template.txt").write_text("TO: {{email}}\nSUBJECT: subject\nFROM: a@example.test\n\ntext\n")
Path("mailmerge_database.csv").write_text("email\nb@example.test\n")
main(["--no-dry-run", "--no-limit"])
