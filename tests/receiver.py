"""A receiver of webhooks for the tests: answers connection after connection as it is told, and says
on its output, a JSON line each, what came and when the other end has closed.

    receiver.py [--tls FILE] ANSWER...      the last answer holds for all that follow

ANSWER is a status ("200"), "302:URL", "hang" (no answer), "drop" (the connection is cut), "huge" (a
200 with a body without end). It ends when its input does."""
import json
import os
import re
import socket
import ssl
import sys
import threading

lock = threading.Lock()


def say(**what):
    with lock:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None, None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    fields = dict(
        (name.lower(), value.strip())
        for name, value in (line.split(":", 1) for line in head.decode().split("\r\n")[1:])
    )
    while len(body) < int(fields.get("content-length", "0")):
        body += connection.recv(65536)
    return head.decode().split("\r\n")[0], dict(fields, body=body.decode())


def answer(connection, how):
    if how == "drop":
        connection.shutdown(socket.SHUT_RDWR)
    elif how == "huge":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
    elif how.startswith("302:"):
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + how[4:].encode() + b"\r\n\r\n"
        )
    elif how != "hang":
        connection.sendall(f"HTTP/1.1 {how} x\r\nContent-Length: 2\r\n\r\nok".encode())


def serve(connection, how, tls):
    try:
        if tls:
            connection = tls.wrap_socket(connection, server_side=True)
        line, fields = read_request(connection)
        if line is not None:
            say(
                line=line,
                id=fields.get("webhook-id", ""),
                timestamp=fields.get("webhook-timestamp", ""),
                signature=fields.get("webhook-signature", ""),
                body=fields["body"],
                event=re.sub(r'.*"type":"([a-z.]+)".*', r"\1", fields["body"]),
            )
            answer(connection, how)
            while connection.recv(65536):
                pass
    except OSError:
        pass
    connection.close()
    say(closed=how)


def main():
    words = sys.argv[1:]
    tls = None
    if words[0] == "--tls":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(words[1])
        words = words[2:]
    listener = socket.create_server(("127.0.0.1", 0))
    say(port=listener.getsockname()[1])

    def accept():
        count = 0
        while True:
            connection, _ = listener.accept()
            how = words[min(count, len(words) - 1)]
            count += 1
            threading.Thread(target=serve, args=(connection, how, tls), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
