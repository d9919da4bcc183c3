"""A mail server, a webhook receiver and a collector, which remember what they got."""

import email
import email.policy
import json
import re
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANDLE = re.compile(r"SU-\d{3}-\d{3}-\d{3}")


class Receivers:
    """They run in threads of this process until it ends."""

    def __init__(self):
        self._lock = threading.Lock()
        # (Message-ID, recipient, handles that it names, the number of tokens that it tells about)
        self.mails = []
        # (webhook-id, type, handle)
        self.events = []
        # (ID, hash, hash of the entry before)
        self.entries = []
        self.smtp_port = self._serve(ThreadingSmtp, self._mail_handler())
        self.web_port = self._serve(ThreadingHTTPServer, self._web_handler())
        self.webhook_url = f"http://127.0.0.1:{self.web_port}/webhook"

    def collector_settings(self):
        return {
            "Telemetry__Otlp__Endpoint": f"http://127.0.0.1:{self.web_port}", "Telemetry__Otlp__Protocol": "HttpProtobuf",
            "Audit__Stream__Enabled": "true", "Audit__Stream__From": "Beginning",
        }

    @staticmethod
    def _serve(kind, handler):
        server = kind(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]

    def _add(self, collection, *items):
        with self._lock:
            collection.extend(items)

    def _mail_handler(receivers):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    self._talk()
                except ConnectionError:
                    pass  # Portal was killed.

            def _talk(self):
                self._say("220 trial ESMTP")
                recipient = None
                while line := self.rfile.readline():
                    command = line[:4].upper()
                    if command == b"EHLO":
                        self._say("250-trial", "250 8BITMIME")
                    elif command == b"RCPT":
                        recipient = line.decode().split("<")[1].split(">")[0]
                        self._say("250 OK")
                    elif command == b"DATA":
                        self._say("354 Go on")
                        content = b""
                        while (part := self.rfile.readline()) not in (b".\r\n", b""):
                            content += part[1:] if part.startswith(b".") else part
                        if part:
                            receivers._add(receivers.mails, receivers._read_mail(recipient, content))
                            self._say("250 OK")
                    elif command == b"QUIT":
                        self._say("221 Bye")
                        return
                    else:
                        self._say("250 OK")

            def _say(self, *lines):
                self.wfile.write("".join(line + "\r\n" for line in lines).encode())

        return Handler

    @staticmethod
    def _read_mail(recipient, content):
        mail = email.message_from_bytes(content, policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        handles = frozenset(HANDLE.findall(text))
        # A summary counts the tokens, and lists the first ones.
        count = re.search(r"^Expiration: ([\d,.]+)\s*$", text, re.MULTILINE)
        return mail["Message-ID"], recipient, handles, int(count[1].replace(",", "").replace(".", "")) if count else len(handles)

    def _web_handler(receivers):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])) if "Content-Length" in self.headers else self._read_chunks()
                if self.path == "/webhook":
                    message = json.loads(body)
                    receivers._add(receivers.events, (self.headers["webhook-id"], message["type"], (message["data"].get("token") or {}).get("handle")))
                elif self.path == "/v1/logs":
                    receivers._add(receivers.entries, *receivers._read_entries(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _read_chunks(self):
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_):
                pass

        return Handler

    @staticmethod
    def _read_entries(body):
        """Finds the events in the message: each is JSON text in it."""
        for uid, rest in re.findall(rb'"uid":"(\d+:[0-9a-f]{64})"(.*?)(?=\{"activity_id"|\Z)', body, re.DOTALL):
            number, own = uid.decode().split(":")
            before = re.search(rb'"previous_hash":"([0-9a-f]{64})"', rest)
            yield int(number), own, before[1].decode() if before else None


class ThreadingSmtp(socketserver.ThreadingTCPServer):
    request_queue_size = 64
