# expect: SD101 definite | pool.apply_async(smtplib.SMTP_SSL, ("a.example.test", 465))
# expect: SD102 definite | pool.apply_async(smtplib.SMTP_SSL, ("b.example.test",), {"context": None})
# expect: SD101 definite | pool.apply(smtplib.SMTP_SSL, args=["d.example.test"])
# expect: SD101 definite | _thread.start_new_thread(smtplib.SMTP_SSL, ("e.example.test",))
# expect: SD101 definite | retry_call(smtplib.SMTP_SSL, fargs=["f.example.test"], tries=3)
# expect: SD101 definite fixable | list(pool.map(smtplib.SMTP, ["g.example.test"]))[0].starttls()
import _thread
import smtplib
import ssl
from multiprocessing.pool import ThreadPool

from retry.api import retry_call

options = {"context": ssl.create_default_context()}
with ThreadPool() as pool:
    pool.apply_async(smtplib.SMTP_SSL, ("a.example.test", 465))
    pool.apply_async(smtplib.SMTP_SSL, ("b.example.test",), {"context": None})
    pool.apply_async(smtplib.SMTP_SSL, ("c.example.test",), options)
    pool.apply(smtplib.SMTP_SSL, args=["d.example.test"])
    pool.apply(smtplib.SMTP_SSL, args=["d.example.test"], kwds=options)
    _thread.start_new_thread(smtplib.SMTP_SSL, ("e.example.test",))
    retry_call(smtplib.SMTP_SSL, fargs=["f.example.test"], tries=3)
    retry_call(smtplib.SMTP_SSL, fargs=["f.example.test"], fkwargs=options, tries=3)
    list(pool.map(smtplib.SMTP, ["g.example.test"]))[0].starttls()
