# expect: SD101 definite fixable | smtplib.SMTP_SSL
def send():
    import smtplib

    return smtplib.SMTP_SSL("mail.example.test")
