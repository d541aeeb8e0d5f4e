# expect: SD101 definite fixable | poplib.POP3_SSL("mail.example.test")
# expect: SD101 definite fixable | other.stls()
import poplib

box = poplib.POP3_SSL("mail.example.test")
other = poplib.POP3("mail.example.test")
other.stls()
