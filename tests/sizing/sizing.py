"""One row of tests/sizing.sh: a server with so many accounts, measured."""
import concurrent.futures
import imaplib
import pathlib
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

MESSAGES, SIZE, PASSWORD = 20, 20_000, "a sizing test 9"
program, accounts = sys.argv[1], int(sys.argv[2])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024


def size(folder):
    return int(subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True).stdout.split()[0]) // 1024


def main():
    with tempfile.TemporaryDirectory(prefix="sizing-") as name:
        folder = pathlib.Path(name)
        smtp, imaps = free_port(), free_port()
        config = folder / "config.yaml"
        config.write_text(f"""server: {{hostname: mail.example.org, listen: 127.0.0.1, smtp_port: {smtp}, submission_port: 0, smtps_port: 0, imap_port: 0, imaps_port: {imaps}, dav_port: 0}}
storage: {{data_dir: {folder}/data}}
security: {{verify_spf: false, verify_dkim: false, verify_dmarc: false, argon2_memory: 64KB, argon2_passes: 1}}
dns: {{servers: ["127.0.0.1:1"]}}
logging: {{output: {folder}/server.log, level: warning}}
""")

        def run(*arguments):
            done = subprocess.run([program, *arguments, "--config", config], capture_output=True, text=True, input=PASSWORD + "\n")
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(arguments)}: exit code {done.returncode}: {done.stderr.strip()}")

        run("migrate")
        run("domain", "add", "example.org")
        server = subprocess.Popen([program, "serve", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sessions = []
        try:
            begun = time.time()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda n: run("user", "add", f"user{n}@example.org", "--password-stdin"), range(accounts)))
            added, begun = time.time() - begun, time.time()
            for n in range(accounts):
                with smtplib.SMTP("127.0.0.1", smtp, timeout=600) as client:
                    for m in range(MESSAGES):
                        text = f"From: ben@other.example\r\nTo: user{n}@example.org\r\nSubject: Message {m}\r\n\r\n" + ("x" * 70 + "\r\n") * (SIZE // 72)
                        client.sendmail("ben@other.example", [f"user{n}@example.org"], text)
            stored = time.time() - begun
            after = resident(server.pid)
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            for n in range(accounts):
                session = imaplib.IMAP4_SSL("127.0.0.1", imaps, ssl_context=context)
                session.login(f"user{n}@example.org", PASSWORD)
                session.select("INBOX")
                session.send(b"a1 IDLE\r\n")
                sessions.append(session)
            time.sleep(30)
            print(f"| {accounts:,} | {after} MB | {resident(server.pid)} MB | {size(folder / 'data')} MB / {size(folder / 'data/maildir')} MB | {added:.0f} s | {stored:.0f} s |", flush=True)
        finally:
            for session in sessions:
                session.sock.close()
            server.terminate()
            server.wait(60)


main()
