import subprocess
import sys
from pathlib import Path

host, port, user, password = sys.argv[1:]
for name in ("cur", "new", "tmp"):
    Path("mail", name).mkdir(parents=True)
Path("getmailrc").write_text(
    "[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = %s\nport = %s\nusername = %s\npassword = %s\n"
    "[destination]\ntype = Maildir\npath = %s/mail/\n" % (host, port, user, password, Path.cwd())
)
getmail = Path(sys.executable).with_name("getmail")
sys.exit(subprocess.call([str(getmail), "--getmaildir", str(Path.cwd()), "--rcfile", "getmailrc"]))
