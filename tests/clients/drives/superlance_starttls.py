import sys

from superlance.process_state_email_monitor import ProcessStateEmailMonitor

host, port, user, password = sys.argv[1:]
monitor = ProcessStateEmailMonitor(
    from_email="a@example.test",
    to_emails=["b@example.test"],
    subject="subject",
    smtp_host=host + ":" + port,
    smtp_user=user,
    smtp_password=password,
    use_tls=True,
)
monitor.batchmsgs = ["text"]
monitor.send_batch_notification()
