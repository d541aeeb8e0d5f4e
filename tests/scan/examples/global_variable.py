# expect: SD101 definite fixable | connection.starttls()
import smtplib

connection = None


def connect():
    global connection
    connection = smtplib.SMTP("mail.example.test")


def upgrade():
    connection.starttls()
