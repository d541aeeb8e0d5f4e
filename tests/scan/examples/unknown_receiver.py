# expect: SD101 possible | connection.starttls()
def upgrade(connection):
    connection.starttls()
