# expect: SD102 possible | connection.starttls(ssl_context=None)
# expect: SD101 possible | connection.stls()
def upgrade(connection, context):
    connection.starttls(ssl_context=None)
    connection.starttls(context)
    connection.stls()
