# expect: SD101 definite fixable | smtp.starttls()
import smtplib


class Connection:
    def __enter__(self):
        self.smtp = smtplib.SMTP("mail.example.test")
        return self.smtp

    def __exit__(self, *exc):
        self.smtp.quit()


with Connection() as smtp:
    smtp.starttls()
