# kind: safe
# level: plain
# run: none (a library of others)

import paramiko

transport = paramiko.Transport(("sftp.example.test", 22))
transport.connect(username="me", password="secret")
sftp = paramiko.SFTPClient.from_transport(transport)
sftp.listdir()
