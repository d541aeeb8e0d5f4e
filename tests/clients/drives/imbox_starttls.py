import sys

from imbox import Imbox
from imbox.settings import Config

host, port, user, password = sys.argv[1:]
config = Config(user, password, host, ssl=False, ssl_context="", starttls=True, port=int(port))
with Imbox(config) as imbox:
    print(len(list(imbox.messages())), "messages")
