import subprocess
import sys
from pathlib import Path

host, port, user, password = sys.argv[1:]
task = "host=%s port=%s username=%s password=%s to=b@example.test subject=subject"
ansible = Path(sys.executable).with_name("ansible")
command = [str(ansible), "localhost", "-c", "local", "-e", "ansible_python_interpreter=" + sys.executable]
command += ["-m", "community.general.mail", "-a", task % (host, port, user, password)]
sys.exit(subprocess.call(command))
