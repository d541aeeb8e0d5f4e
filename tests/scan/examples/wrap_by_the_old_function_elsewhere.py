# expect: SD201 possible | smtp.sock = ssl.wrap_socket(smtp.sock)
import smtplib
import ssl

smtp = smtplib.SMTP("mail.example.test")
smtp.docmd("STARTTLS")
smtp.sock = ssl.wrap_socket(smtp.sock)
ssl.wrap_socket(smtp.sock, cert_reqs=ssl.CERT_REQUIRED, ca_certs="ca.pem")
