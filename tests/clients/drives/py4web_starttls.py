import sys

from py4web.utils.auth_plugins.email_auth_plugin import EmailAuthPlugin

host, port, user, password = sys.argv[1:]
plugin = EmailAuthPlugin(host + ":" + port, domain=None, tls_mode=True)
sys.exit(0 if plugin.check_credentials(user, password) else 1)
