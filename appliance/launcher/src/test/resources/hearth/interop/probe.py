"""Tries flows at once: probe.py WORD KIND:ADDRESS:PORT... prints "KIND:ADDRESS:PORT ANSWER" each.

KIND is tcp, udp or icmp (port 0). ANSWER is the peer's name, "-" when nothing came back.
"""

import socket
import subprocess
import sys
import threading

LIMIT = 1.2
word = sys.argv[1]


def tcp(address, port):
    with socket.create_connection((address, port), LIMIT) as c:
        c.sendall(f"{word}\n".encode())
        return c.makefile("r").readline()


def udp(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(LIMIT / 2)
        for _ in range(2):
            s.sendto(word.encode(), (address, port))
            try:
                return s.recv(2048).decode()
            except TimeoutError:
                continue
    raise TimeoutError


def icmp(address, _):
    done = subprocess.run(["ping", "-c1", "-W1", address], capture_output=True)
    if done.returncode != 0:
        raise OSError("no answer")
    return f"echo {word}"


def probe(spec):
    kind, address, port = spec.split(":")
    try:
        name, back = {"tcp": tcp, "udp": udp, "icmp": icmp}[kind](address, int(port)).split()
        answers[spec] = name if back == word else "-"
    except (OSError, ValueError):
        answers[spec] = "-"


answers = {}
threads = [threading.Thread(target=probe, args=(s,)) for s in sys.argv[2:]]
for t in threads:
    t.start()
for t in threads:
    t.join()
for s in sys.argv[2:]:
    print(s, answers[s])
