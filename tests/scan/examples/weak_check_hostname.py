# expect: SD201 definite | smtp.starttls
import smtplib
import ssl

context = ssl.create_default_context(cafile="ca.pem")
context.check_hostname = False
smtp = smtplib.SMTP("mail.example.test")
smtp.starttls(context=context)
