# kind: safe
# level: plain
# run: none (a library of others)

import ldap3

server = ldap3.Server("ldap.example.test", use_ssl=False)
connection = ldap3.Connection(server, "cn=me", "secret")
connection.start_tls()
connection.bind()
connection.starttls()
