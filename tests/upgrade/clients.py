"""Mail and DAV clients from the Python standard library, to fill a server and to read everything back."""
import base64
import http.client
import imaplib
import json
import smtplib
import ssl
import subprocess
import sys

EXECUTABLE, CONFIG, *PORTS = sys.argv[1:]
SMTP, SUBMISSION, SUBMISSIONS, IMAP, IMAPS, DAV, ADMIN = map(int, PORTS)
PASSWORD = "correct horse 9"
USERS = ["ann@example.test", "ben@example.test"]
TLS = ssl._create_unverified_context()
imaplib._MAXLINE = 10_000_000


def cli(*arguments, optional=False):
    """Returns the output of a command; None when this version does not have it."""
    run = subprocess.run([EXECUTABLE, *arguments, "--config", CONFIG], capture_output=True, text=True)
    if run.returncode == 0:
        return run.stdout
    if optional:
        return None
    raise SystemExit(f"{' '.join(arguments)}: {run.stdout}{run.stderr}")


def listing(*arguments):
    text = cli(*arguments, "--json", optional=True)
    return None if text is None else json.loads(text)


def imap(user, password=PASSWORD):
    client = imaplib.IMAP4_SSL("127.0.0.1", IMAPS, ssl_context=TLS)
    client.login(user, password)
    return client


def submit(sender, recipients, message):
    with smtplib.SMTP_SSL("127.0.0.1", SUBMISSIONS, context=TLS) as client:
        client.login(sender, PASSWORD)
        client.sendmail(sender, recipients, message)


def receive(recipients, message):
    with smtplib.SMTP("127.0.0.1", SMTP) as client:
        client.sendmail("friend@elsewhere.example", recipients, message)


def dav(method, path, user, body=None, **headers):
    connection = http.client.HTTPSConnection("127.0.0.1", DAV, context=TLS)
    sign_in = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    connection.request(method, path, body, {"Authorization": f"Basic {sign_in}", **{k.replace("_", "-"): v for k, v in headers.items()}})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()
