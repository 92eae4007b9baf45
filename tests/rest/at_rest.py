"""Starts a server, lets it come to rest and counts how often its threads wake. Called by tests/at-rest.sh."""

import collections
import os
import pathlib
import socket
import subprocess
import sys
import time

SETTLE = 90
USERS = 20
PASSWORD = "correct horse battery staple"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def threads(pid):
    """Voluntary context switches by thread: each time a thread gave up the processor it wakes once."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
            found[task.name] = (status["Name"], int(status["voluntary_ctxt_switches"]))
        except (OSError, KeyError):
            pass
    return found


def processor_time(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(what, pid, seconds):
    time.sleep(SETTLE)
    before, busy = threads(pid), processor_time(pid)
    time.sleep(seconds)
    after, busy = threads(pid), processor_time(pid) - busy
    by_name = collections.Counter()
    for thread, (name, count) in after.items():
        by_name[name] += count - before.get(thread, (name, 0))[1]
    print(f"{what}: {sum(by_name.values()) / seconds:.1f} wake-ups a second, {100 * busy / seconds:.2f} % of a core")
    for name, count in by_name.most_common(6):
        if count:
            print(f"  {name:16} {count / seconds:.1f}")


def idle_session(port, user):
    connection = socket.create_connection(("127.0.0.1", port), 30)
    reader = connection.makefile("rb")
    reader.readline()
    for command in (f'a LOGIN {user} "{PASSWORD}"', "b SELECT INBOX"):
        connection.sendall(command.encode() + b"\r\n")
        while not (line := reader.readline()).startswith(command[:1].encode() + b" "):
            assert line, "the server closed the connection"
        assert b" OK " in line, line
    connection.sendall(b"c IDLE\r\n")
    assert reader.readline().startswith(b"+")
    return connection, reader


def main(folder, program, sessions, seconds):
    imap, smtp = free_port(), free_port()
    config = folder / "config.yaml"
    config.write_text(f"server: {{hostname: mail.rest.test, listen: 127.0.0.1, smtp_port: {smtp}, submission_port: 0, smtps_port: 0, imap_port: {imap}, imaps_port: 0, "
                      f"dav_port: {free_port()}, http_port: 0}}\nstorage: {{data_dir: {folder}/data}}\nsecurity: {{require_tls: false}}\nlogging: {{output: {folder}/log}}\n")
    run = lambda *a: subprocess.run([program, *a, "--config", config], check=True, capture_output=True)
    run("migrate")
    run("domain", "add", "rest.test")
    users = [f"user{n}@rest.test" for n in range(USERS)]
    for user in users:
        run("user", "add", user, "--password", PASSWORD)
    with open(folder / "output", "wb") as output:
        server = subprocess.Popen([program, "serve", "--config", config], stdout=output, stderr=output)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", imap), 1).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "output").read_text()
                time.sleep(0.1)
        measure("no session", server.pid, seconds)
        held = [idle_session(imap, users[n % USERS]) for n in range(sessions)]
        measure(f"{len(held)} idle sessions", server.pid, seconds)
    finally:
        server.terminate()
        server.wait(60)


main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
