import logging
import sys

import django
from django.conf import settings

apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sites", "helpdesk"]
settings.configure(INSTALLED_APPS=apps, SITE_ID=1, ROOT_URLCONF="helpdesk.urls")
django.setup()

from helpdesk.email import process_queue  # noqa: E402
from helpdesk.models import Queue  # noqa: E402

host, port, user, password = sys.argv[1:]
logging.basicConfig()
queue = Queue(email_box_type="imap", email_box_host=host, email_box_port=int(port), email_box_ssl=False)
queue.email_box_user, queue.email_box_pass = user, password
process_queue(queue, logging.getLogger("drive"))
