"""Answers on ports: peer.py NAME LOG TCPPORT,... UDPPORT,... ; every word that arrives is logged."""

import socket
import sys
import threading

name, log, tcp, udp = sys.argv[1:5]
lock = threading.Lock()


def bound(kind, port):
    s = socket.socket(socket.AF_INET6, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    return s


def note(kind, port, word, source):
    with lock, open(log, "a") as out:
        out.write(f"{kind} {port} {word} {source.removeprefix('::ffff:')}\n")


def serve_tcp(port):
    s = bound(socket.SOCK_STREAM, port)
    s.listen(64)
    while True:
        c, source = s.accept()
        threading.Thread(target=talk, args=(c, port, source[0]), daemon=True).start()


def talk(c, port, source):
    with c:
        c.settimeout(30)
        try:
            for line in c.makefile("r"):
                note("tcp", port, line.strip(), source)
                c.sendall(f"{name} {line.strip()}\n".encode())
        except OSError:
            return


def serve_udp(port):
    s = bound(socket.SOCK_DGRAM, port)
    while True:
        data, source = s.recvfrom(2048)
        note("udp", port, data.decode().strip(), source[0])
        s.sendto(f"{name} {data.decode().strip()}".encode(), source)


for p in filter(None, udp.split(",")):
    threading.Thread(target=serve_udp, args=(int(p),), daemon=True).start()
for p in filter(None, tcp.split(",")):
    threading.Thread(target=serve_tcp, args=(int(p),), daemon=True).start()
threading.Event().wait()
