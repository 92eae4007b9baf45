"""Drives a real server through NIGHTS days and compares the final data with everything sent. Called by tests/year.sh."""

import base64
import datetime
import imaplib
import json
import os
import pathlib
import re
import shutil
import signal
import smtplib
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

DAY = datetime.timedelta(days=1)
DOMAIN = "example.test"
HOST = "mail.example.test"
USERS = ["ann@example.test", "ben@example.test"]
PASSWORD = "correct horse 9"
LINE = "x" * 68 + "\r\n"
KEPT_BACKUPS = 7
KEPT_LOGS = 4
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (OSError, imaplib.IMAP4.error, smtplib.SMTPException):
            pass
        if time.monotonic() > end:
            raise AssertionError(f"did not happen in {seconds} s: {what}")
        time.sleep(0.1)


class Sink(socketserver.ThreadingTCPServer):
    """The SMTP host of remote recipients: stores what it receives."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        self.messages = []
        super().__init__(("127.0.0.1", 0), SinkSession)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class SinkSession(socketserver.StreamRequestHandler):
    def handle(self):
        def say(line):
            self.wfile.write(line.encode() + b"\r\n")

        say("220 far.test")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command == b"DATA":
                say("354 go on")
                content = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    content += line
                self.server.messages.append(content)
            say("221 bye" if command == b"QUIT" else "250 ok")
            if command == b"QUIT":
                return


class Authority:
    """Pebble. Its clock cannot be changed, so the lifetime of its certificates is chosen so that the server renews on the intended day, after two thirds of it."""

    def __init__(self, folder, http_port):
        self.folder, self.http_port, self.processes = folder, http_port, []
        self.port, self.management, self.dns, self.challenges, self.tls = free_ports(5)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "authority.key", "-out", folder / "authority.pem"], check=True, capture_output=True)

    def start(self, night):
        self.stop()
        life = datetime.timedelta(days=1.5 * (night + 60))
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}", "certificate": str(self.folder / "authority.pem"),
            "privateKey": str(self.folder / "authority.key"), "httpPort": self.http_port, "tlsPort": self.tls, "certificateValidityPeriod": int(life.total_seconds())}}))
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "20"}
        for command in (["pebble-challtestsrv", "-dns01", f"127.0.0.1:{self.dns}", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{self.challenges}",
                         "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
                        ["pebble", "-config", self.folder / "pebble.json", "-dnsserver", f"127.0.0.1:{self.dns}"]):
            self.processes.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for("the authority answers", lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() is None)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes = []


class Installation:
    """One server with its configuration, its disk and its clock."""

    def __init__(self, folder, sink, versions):
        self.folder, self.versions, self.version, self.process, self.failed_starts = folder, versions, 0, None, 0
        folder.mkdir(parents=True)
        for disk, size in (("data", "96m"), ("backups", "256m"), ("restored", "96m")):
            (folder / disk).mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", folder / disk], check=True)
        self.clock = folder / "clock"
        self.smtp, self.submission, self.imap, self.imaps, self.dav, self.http = free_ports(6)
        self.authority = Authority(folder, self.http)
        self.relay = sink.server_address[1]
        self.configure("data")
        self.set_clock(0)

    def configure(self, data):
        (self.folder / "config.yaml").write_text(f"""
server: {{hostname: {HOST}, listen: 127.0.0.1, smtp_port: {self.smtp}, submission_port: {self.submission}, smtps_port: 0, imap_port: {self.imap}, imaps_port: {self.imaps},
  dav_port: {self.dav}, http_port: {self.http}}}
storage: {{data_dir: {self.folder}/{data}}}
domains: [{{name: {DOMAIN}, dkim_selector: first, dkim_key_file: {self.folder}/{data}/dkim/first.key}}]
tls: {{auto_tls: true, email: postmaster@{DOMAIN}, acme_directory: 'https://localhost:{self.authority.port}/dir', acme_rehearsal: 'https://localhost:{self.authority.port}/dir',
  acme_ca_file: {self.folder}/authority.pem}}
security: {{require_tls: false, verify_spf: false, verify_dkim: false, verify_dmarc: false}}
delivery: {{relay_host: '127.0.0.1:{self.relay}', require_tls: false, private_hosts: true}}
dns: {{servers: '127.0.0.1:{self.authority.dns}'}}
logging: {{output: {self.folder}/server.log}}
""")
        self.data = self.folder / data

    def rotate_log_by_itself(self):
        """Adds the keys for log rotation, which the oldest version lacks."""
        file = self.folder / "config.yaml"
        file.write_text(file.read_text().replace("server.log}", f"server.log, max_size: 64KB, keep: {KEPT_LOGS}}}"))

    @property
    def is_newest(self):
        return self.version + 1 == len(self.versions)

    def set_clock(self, night):
        following = self.clock.with_suffix(".next")
        following.write_text(f"+{night}d\n")
        following.rename(self.clock)
        self.today = datetime.datetime.now(datetime.timezone.utc) + night * DAY

    @property
    def environment(self):
        return {**os.environ, "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1", "DOTNET_TieredPGO": "0"}

    def cli(self, *arguments, expect=0, **options):
        run = subprocess.run([self.versions[self.version], *map(str, arguments), "--config", self.folder / "config.yaml"], env=self.environment, capture_output=True, text=True, timeout=300, **options)
        assert expect is None or run.returncode == expect, f"mailserver {' '.join(map(str, arguments))} ended with {run.returncode}: {run.stdout}{run.stderr}"
        return run

    def start(self):
        # libfaketime can let a timed wait for a lock end at once. If that happens while the actor system starts, the start fails;
        # the service manager would start the server again.
        while True:
            output = self.folder / "output.log"
            before = output.stat().st_size if output.exists() else 0
            with open(output, "ab") as file:
                self.process = subprocess.Popen([self.versions[self.version], "serve", "--config", self.folder / "config.yaml"], env=self.environment, stdout=file, stderr=file)
            try:
                wait_for("the server answers or has ended", lambda: self.process.poll() is not None or self.answers(), 180)
            except AssertionError as failure:
                raise AssertionError(f"{failure}; its last lines:\n{self.last_lines()}") from None
            if self.process.poll() is None:
                return
            assert b"EventStream.StartUnsubscriber" in output.read_bytes()[before:], f"the server ended with {self.process.poll()}; its last lines:\n{self.last_lines()}"
            self.failed_starts += 1

    def answers(self):
        return all(socket.create_connection(("127.0.0.1", p), 1).close() is None for p in (self.smtp, self.imap))

    def last_lines(self):
        logs = [path for path in (self.folder / "output.log", self.folder / "server.log") if path.exists()]
        return "\n".join("\n".join(path.read_text(errors="replace").splitlines()[-10:]) for path in logs)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(60)
        assert how == signal.SIGKILL or code == 0, f"the server ended with {code}"

    def sign_in(self, user):
        imap = imaplib.IMAP4("127.0.0.1", self.imap, timeout=30)
        imap.login(user, PASSWORD)
        return imap

    def days_left(self):
        with socket.create_connection(("127.0.0.1", self.imaps), 10) as plain:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(plain, server_hostname=HOST) as tls:
                der = tls.getpeercert(binary_form=True)
        text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-enddate", "-issuer", "-serial"], input=der, capture_output=True, check=True).stdout.decode()
        end = datetime.datetime.strptime(re.search("notAfter=(.*) GMT", text)[1], "%b %d %H:%M:%S %Y").replace(tzinfo=datetime.timezone.utc)
        return "Pebble" in text, (end - self.today).days, re.search("serial=(.*)", text)[1]


class Mail:
    """What was sent, and what must be there: for each user a folder and flags by subject."""

    def __init__(self, server):
        self.server, self.expected, self.sent, self.gone = server, {u: {} for u in USERS}, 0, 0

    def deliver(self, night, count):
        for number in range(count):
            user, subject = USERS[(night + number) % len(USERS)], f"night {night} number {number}"
            with smtplib.SMTP("127.0.0.1", self.server.smtp, timeout=30) as smtp:
                smtp.sendmail("someone@far.test", [user], f"From: someone@far.test\r\nTo: {user}\r\nSubject: {subject}\r\n\r\n{LINE * (night % 60)}")
            self.expected[user][subject] = ("INBOX", frozenset())
            self.sent += 1

    def refused(self, night):
        """A message while the disk is full: a temporary failure, or an acknowledgement that counts."""
        try:
            with smtplib.SMTP("127.0.0.1", self.server.smtp, timeout=60) as smtp:
                smtp.sendmail("someone@far.test", [USERS[0]], f"Subject: full disk of night {night}\r\n\r\n{LINE * 3000}")
        except smtplib.SMTPRecipientsRefused as e:
            assert all(400 <= code < 500 for code, _ in e.recipients.values()), e
            return True
        except smtplib.SMTPResponseException as e:
            assert 400 <= e.smtp_code < 500, e
            return True
        self.expected[USERS[0]][f"full disk of night {night}"] = ("INBOX", frozenset())
        self.sent += 1
        return False

    def read(self, night):
        """A client reads, sorts and removes."""
        user = USERS[night % len(USERS)]
        imap = self.server.sign_in(user)
        imap.select("INBOX")
        inbox = [s for s, (folder, _) in self.expected[user].items() if folder == "INBOX"]
        unseen = [s for s in inbox if not self.expected[user][s][1]]
        if unseen:
            self.change(imap, "STORE", unseen[0], "+FLAGS", r"(\Seen)")
            self.expected[user][unseen[0]] = ("INBOX", frozenset({r"\Seen"}))
        if night % 5 == 0 and len(inbox) > 4:
            self.change(imap, "MOVE", inbox[1], "Archive")
            self.expected[user][inbox[1]] = ("Archive", self.expected[user][inbox[1]][1])
        if night % 7 == 0 and len(inbox) > 4:
            self.change(imap, "STORE", inbox[0], "+FLAGS", r"(\Deleted)")
            imap.expunge()
            del self.expected[user][inbox[0]]
            self.gone += 1
        imap.logout()

    @staticmethod
    def change(imap, command, subject, *arguments):
        typ, found = imap.uid("SEARCH", "SUBJECT", f'"{subject}"')
        uids = [u for u in found[0].split() if subject_of(imap, u) == subject]
        assert typ == "OK" and len(uids) == 1, f"'{subject}' is there {len(uids)} times"
        typ, answer = imap.uid(command, uids[0], *arguments)
        assert typ == "OK", (command, answer)

    def submit(self, night):
        with smtplib.SMTP("127.0.0.1", self.server.submission, timeout=30) as smtp:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            smtp.starttls(context=context)
            smtp.login(USERS[0], PASSWORD)
            smtp.sendmail(USERS[0], ["friend@far.test"], f"From: {USERS[0]}\r\nTo: friend@far.test\r\nSubject: out of night {night}\r\n\r\nHello\r\n")

    def compare(self):
        """Every difference, in words."""
        wrong = []
        for user, expected in self.expected.items():
            found = {}
            imap = self.server.sign_in(user)
            for folder in ("INBOX", "Archive"):
                _, (count,) = imap.select(folder, readonly=True)
                if int(count) == 0:
                    continue
                _, rows = imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
                for row in (r for r in rows if isinstance(r, tuple)):
                    subject = row[1].decode().strip().removeprefix("Subject: ")
                    flags = frozenset(re.search(r"FLAGS \(([^)]*)\)", row[0].decode())[1].split()) - {r"\Recent"}
                    if subject in found:
                        wrong.append(f"{user}: '{subject}' is there twice")
                    found[subject] = (folder, flags)
            imap.logout()
            wrong += [f"{user}: '{s}' is lost" for s in expected.keys() - found.keys()]
            wrong += [f"{user}: '{s}' came from nowhere" for s in found.keys() - expected.keys()]
            wrong += [f"{user}: '{s}' is {found[s]}, not {expected[s]}" for s in expected.keys() & found.keys() if found[s] != expected[s]]
        return wrong


def subject_of(imap, uid):
    _, rows = imap.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return rows[0][1].decode().strip().removeprefix("Subject: ")


class Calendar:
    def __init__(self, server):
        self.server, self.expected = server, {}

    def request(self, method, name, body=None):
        request = urllib.request.Request(f"https://127.0.0.1:{self.server.dav}/dav/calendars/{USERS[0]}/calendar/{name}.ics", data=body, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{USERS[0]}:{PASSWORD}".encode()).decode())
        request.add_header("Content-Type", "text/calendar")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return answer.read()

    def put(self, night):
        day = self.server.today.strftime("%Y%m%d")
        body = (f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//year//EN\r\nBEGIN:VEVENT\r\nUID:night-{night}\r\nDTSTAMP:{day}T000000Z\r\nDTSTART:{day}T100000Z\r\n"
                f"DTEND:{day}T110000Z\r\nSUMMARY:Night {night}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").encode()
        self.request("PUT", f"night-{night}", body)
        self.expected[f"night-{night}"] = body

    def compare(self):
        return [f"calendar: {name} differs" for name, body in self.expected.items() if self.request("GET", name) != body]


class Year:
    def __init__(self, folder, nights, versions):
        self.sink = Sink()
        self.server = Installation(folder, self.sink, versions)
        self.mail, self.calendar, self.nights = Mail(self.server), Calendar(self.server), nights
        self.counts = dict.fromkeys(("kills", "full disks", "refused while full", "failed backups", "certificates", "key rotations", "upgrades"), 0)
        self.serials, self.submitted, self.began = set(), 0, time.monotonic()

    def run(self):
        server = self.server
        server.authority.start(0)
        server.cli("migrate")
        server.cli("domain", "add", DOMAIN)
        for user in USERS:
            server.cli("user", "add", user, "--password", PASSWORD)
        server.cli("dkim", "generate", "--domain", DOMAIN)
        server.start()
        for night in range(1, self.nights + 1):
            self.live(night)
            if night % 10 == 0:
                print(f"night {night}: {self.mail.sent} messages, {time.monotonic() - self.began:.0f} s", file=sys.stderr, flush=True)
        wrong = self.finish()
        self.report(wrong)
        return 1 if wrong else 0

    def live(self, night):
        self.mail.deliver(night, 3)
        self.mail.read(night)
        if night % 7 == 3:
            self.calendar.put(night)
        if night % 10 == 4:
            self.mail.submit(night)
            self.submitted += 1
        if night % 30 == 15:
            self.fill(night)
        if night % 45 == 20:
            self.rotate_keys()
        self.back_up()
        kill = night % 7 == 0
        self.server.stop(signal.SIGKILL if kill else signal.SIGTERM)
        self.counts["kills"] += kill
        self.pass_midnight(night)
        self.look_at_certificate(night)

    def pass_midnight(self, night):
        quarter = max(1, self.nights // len(self.server.versions))
        self.server.set_clock(night)
        self.server.authority.start(night)
        if self.server.version + 1 < len(self.server.versions) and night >= quarter * (self.server.version + 1):
            self.server.version += 1
            self.counts["upgrades"] += 1
            if self.server.version + 1 == len(self.server.versions):
                self.server.rotate_log_by_itself()
        self.server.start()

    def look_at_certificate(self, night):
        def renewed():
            ours, left, serial = self.server.days_left()
            if ours:
                self.serials.add(serial)
            return ours and left > 0
        wait_for(f"a valid certificate on night {night}", renewed, 90)

    def fill(self, night):
        """The disk of the mail, then that of the backups, is full for a while."""
        for disk in ("data", "backups"):
            filler = self.server.folder / disk / "filler"
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                except OSError:
                    pass
            self.counts["full disks"] += 1
            if disk == "data":
                self.counts["refused while full"] += self.mail.refused(night)
            else:
                self.counts["failed backups"] += self.server.cli("backup", self.server.folder / "backups", expect=None).returncode != 0
                left = [p for p in (self.server.folder / "backups").iterdir() if p.name.startswith(".partial")]
                assert not left or not self.server.is_newest, f"a failed backup left {[p.name for p in left]}"
                # Older versions left it to the administrator.
                for partial in left:
                    shutil.rmtree(partial)
            filler.unlink()

        def takes():
            self.mail.deliver(100_000 + night, 1)
            return True
        wait_for("mail is taken again", takes, 120)

    def rotate_keys(self):
        self.server.cli("dkim", "rotate", DOMAIN)
        self.server.cli("dkim", "activate", DOMAIN)
        self.counts["key rotations"] += 1

    def back_up(self):
        self.server.cli("backup", self.server.folder / "backups", "--keep", KEPT_BACKUPS)
        names = [p for p in (self.server.folder / "backups").iterdir() if p.is_dir()]
        assert len(names) <= KEPT_BACKUPS, sorted(p.name for p in names)

    def finish(self):
        server = self.server
        wait_for("what was submitted is away", lambda: len(self.sink.messages) >= self.submitted, 120)
        wrong = self.mail.compare() + self.calendar.compare()
        subjects = [re.search(rb"^Subject: (.*)\r$", m, re.M)[1] for m in self.sink.messages]
        if len(subjects) != len(set(subjects)) or len(subjects) != self.submitted:
            wrong.append(f"{self.submitted} messages were submitted, {len(subjects)} arrived elsewhere, {len(set(subjects))} different ones")
        wrong += [f"{s.decode()} is not signed" for s, m in zip(subjects, self.sink.messages) if b"DKIM-Signature:" not in m]
        logs = [p.name for p in server.folder.iterdir() if p.name.startswith("server.log")]
        if len(logs) > KEPT_LOGS + 1:
            wrong.append(f"logs: {logs}")
        problems = [line for line in server.cli("status").stdout.splitlines() if line.startswith("problem")]
        wrong += [f"status says: {p}" for p in problems]
        wrong += [f"check: {line}" for line in (lambda r: r.stdout.splitlines() if r.returncode else [])(server.cli("check", expect=None))]
        self.back_up()
        server.stop()
        # Restores the last backup onto an empty disk.
        server.configure("restored")
        server.cli("restore", server.folder / "backups")
        server.start()
        wrong += [f"restored: {w}" for w in self.mail.compare() + self.calendar.compare()]
        wrong += [f"restored check: {line}" for line in (lambda r: r.stdout.splitlines() if r.returncode else [])(server.cli("check", expect=None))]
        server.stop()
        server.authority.stop()
        self.counts["certificates"] = len(self.serials)
        self.counts["starts repeated because of libfaketime"] = server.failed_starts
        return wrong

    def report(self, wrong):
        there = sum(len(e) for e in self.mail.expected.values())
        print(f"{self.nights} nights in {(time.monotonic() - self.began) / 60:.0f} minutes, {len(self.server.versions)} versions")
        print(f"{self.mail.sent} messages accepted, {self.mail.gone} removed, {there} present at the end; {len(self.calendar.expected)} events; {self.submitted} sent to other hosts")
        print(", ".join(f"{count} {what}" for what, count in self.counts.items()))
        print("\n".join(wrong) if wrong else "nothing was lost, duplicated or changed in the server and in the restored backup")


if __name__ == "__main__":
    sys.exit(Year(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]).run())
