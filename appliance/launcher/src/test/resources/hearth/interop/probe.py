"""Tries flows at once: probe.py WORD KIND,ADDRESS,PORT... prints "KIND,ADDRESS,PORT ANSWER" each.

WORD.I is sent for the flow I. KIND is tcp, udp or icmp (port 0). ANSWER is the peer's name, "-"
when nothing came back.
"""

import socket
import subprocess
import sys
import threading

LIMIT = 1.2
words = sys.argv[1]


def tcp(address, port, word):
    with socket.create_connection((address, port), LIMIT) as c:
        c.sendall(f"{word}\n".encode())
        return c.makefile("r").readline()


def udp(address, port, word):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(LIMIT / 2)
        for _ in range(2):
            s.sendto(word.encode(), (address, port))
            try:
                return s.recv(2048).decode()
            except TimeoutError:
                continue
    raise TimeoutError


def icmp(address, _, word):
    done = subprocess.run(["ping", "-c1", "-W1", address], capture_output=True)
    if done.returncode != 0:
        raise OSError("no answer")
    return f"echo {word}"


def probe(i, spec):
    word = f"{words}.{i}"
    kind, address, port = spec.split(",")
    try:
        name, back = {"tcp": tcp, "udp": udp, "icmp": icmp}[kind](address, int(port), word).split()
        answers[spec] = name if back == word else "-"
    except (OSError, ValueError):
        answers[spec] = "-"


answers = {}
threads = [threading.Thread(target=probe, args=(i, s)) for i, s in enumerate(sys.argv[2:])]
for t in threads:
    t.start()
for t in threads:
    t.join()
for s in sys.argv[2:]:
    print(s, answers[s])
