# expect: SD101 definite fixable | nntplib.NNTP_SSL("news.example.test")
# expect: SD101 definite fixable | other.starttls()
import nntplib

news = nntplib.NNTP_SSL("news.example.test")
other = nntplib.NNTP("news.example.test")
other.starttls()
