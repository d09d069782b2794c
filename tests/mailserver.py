"""A mail server for the tests, Debian's aiosmtpd: it says on its output, a JSON line each, which
message came and when a connection has ended.

    mailserver.py [--starttls FILE] [--auth USER:PASSWORD] ANSWER...

ANSWER, connection after connection, the last for all that follow: "250", "451", "550" to the
message, "wait" (250, once there is a line on its input), or "drop" (the connection is cut once the
message begins). It ends when its input does."""
import asyncio
import json
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


told = asyncio.Event()


class Handler:
    async def handle_DATA(self, server, session, envelope):
        say(
            mail=envelope.content.decode("ascii"),
            sender=envelope.mail_from,
            to=envelope.rcpt_tos[0],
            tls="yes" if session.ssl else "no",
            user=(session.auth_data or b"").decode(),
        )
        if server.how != "wait":
            return server.how + " so it is"
        await told.wait()
        return "250 so it is"


class Server(SMTP):
    how = "250"

    async def smtp_DATA(self, arg):
        if self.how != "drop":
            return await super().smtp_DATA(arg)
        await self.push("354 go on")
        self.transport.close()

    def connection_lost(self, error):
        super().connection_lost(error)
        say(closed=self.how)


def main():
    words = sys.argv[1:]
    options = {"hostname": "mail.example.org"}
    if words[0] == "--starttls":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(words[1])
        options.update(tls_context=tls, require_starttls=True)
        words = words[2:]
    if words[0] == "--auth":
        wanted = words[1].split(":")

        def check(server, session, envelope, mechanism, data):
            given = [data.login.decode(), data.password.decode()]
            return AuthResult(success=given == wanted, auth_data=data.login)

        options.update(auth_required=True, authenticator=check)
        words = words[2:]
    count = 0

    def connect():
        nonlocal count
        server = Server(Handler(), **options)
        server.how = words[min(count, len(words) - 1)]
        count += 1
        return server

    def wait(loop):
        for _ in sys.stdin:
            loop.call_soon_threadsafe(told.set)
        os._exit(0)

    async def serve():
        listener = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
        say(port=listener.sockets[0].getsockname()[1])
        threading.Thread(target=wait, args=[asyncio.get_running_loop()], daemon=True).start()
        await listener.serve_forever()

    asyncio.run(serve())


main()
