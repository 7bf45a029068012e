"""Takes recordings of SSH sessions: recorder.py FILE ; what clients post to port 80 is added to it."""

import http.server
import socket
import sys
import threading

lock = threading.Lock()


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # with it the base class answers Expect: 100-continue

    def do_POST(self):
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            data = self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                break
            with lock, open(sys.argv[1], "ab") as out:
                out.write(data)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


Server(("::", 80), Recorder).serve_forever()
