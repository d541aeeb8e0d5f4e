# expect: SD101 possible | server.starttls()
def check(smtp_class, server):
    smtp_class.return_value.starttls()
    smtp_class.side_effect.starttls()
    server.starttls()
