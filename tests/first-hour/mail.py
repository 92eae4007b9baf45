#!/usr/bin/env python3
"""Mail programs of tests/first-hour.sh: mail.py deliver|submit|read|sink ..."""
import imaplib
import smtplib
import socketserver
import ssl
import sys
import time
from email.utils import formatdate, make_msgid


def message(sender, recipient, subject):
    return (f"From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\nDate: {formatdate()}\r\nMessage-ID: {make_msgid(domain=sender.split('@')[1])}\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe first hour.\r\n")


def deliver(server, sender, recipient):
    """Another host brings mail."""
    with smtplib.SMTP(server, 25, local_hostname="mx.other.example", timeout=30) as client:
        client.starttls(context=ssl._create_unverified_context())
        client.sendmail(sender, [recipient], message(sender, recipient, f"to {recipient}"))


def submit(server, user, password, recipient):
    """A user sends mail."""
    with smtplib.SMTP_SSL(server, 465, timeout=30, context=ssl._create_unverified_context()) as client:
        client.login(user, password)
        client.sendmail(user, [recipient], message(user, recipient, "the first answer"))


def read(server, user, password, count):
    """Waits until INBOX has COUNT messages and prints the last one."""
    with imaplib.IMAP4_SSL(server, ssl_context=ssl._create_unverified_context()) as client:
        client.login(user, password)
        for _ in range(100):
            found = int(client.select("INBOX")[1][0])
            if found >= int(count):
                sys.stdout.buffer.write(client.fetch(str(found), "(BODY.PEEK[])")[1][0][1])
                return
            time.sleep(0.2)
        raise SystemExit(f"{user} has {found} messages, not {count}")


class Session(socketserver.StreamRequestHandler):
    """An SMTP server that accepts everything and keeps the last message."""

    def handle(self):
        self.say("220 mx.other.example")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.say("354 go ahead")
                lines = iter(self.rfile.readline, b".\r\n")
                content = b"".join(l[1:] if l.startswith(b".") else l for l in lines)
                with open(self.server.file, "wb") as output:
                    output.write(content)
            self.say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def sink(address, file):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer((address, 25), Session) as server:
        server.file = file
        server.serve_forever()


{"deliver": deliver, "submit": submit, "read": read, "sink": sink}[sys.argv[1]](*sys.argv[2:])
