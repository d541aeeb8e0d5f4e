# expect: SD201 definite | ftps.context = context
import ftplib
import ssl

context = ssl.create_default_context()
context.check_hostname = False
ftps = ftplib.FTP_TLS()
ftps.context = context
