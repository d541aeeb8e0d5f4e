import sys

from imbox import Imbox

host, port, user, password = sys.argv[1:]
with Imbox(host, user, password, ssl=False, port=int(port), starttls=True) as imbox:
    print(len(list(imbox.messages())), "messages")
