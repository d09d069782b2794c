// A mailbox on the loopback: as much of SMTP as Vern speaks without TLS on its own machine.
import { once } from 'node:events'
import net from 'node:net'

export class Mailbox {
  letters = []
  #waiting = []
  constructor() {
    this.server = net.createServer((socket) => this.#serve(socket))
  }
  async open(port = 0) {
    this.server.listen(port, '127.0.0.1')
    await once(this.server, 'listening')
    return this.server.address().port
  }
  #serve(socket) {
    let held = '', data = false
    socket.on('error', () => {})
    socket.write('220 mail\r\n')
    socket.on('data', (chunk) => {
      held += chunk
      for (;;) {
        const end = held.indexOf(data ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const text = held.slice(0, end)
        held = held.slice(end + (data ? 5 : 2))
        if (data) {
          data = false
          this.#take(text)
          socket.write('250 taken\r\n')
        } else if (/^DATA/i.test(text)) {
          data = true
          socket.write('354 go on\r\n')
        } else if (/^QUIT/i.test(text)) {
          socket.end('221 bye\r\n')
        } else socket.write('250 yes\r\n')
      }
    })
  }
  #take(letter) {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(letter)
    else this.letters.push(letter)
  }
  /** The oldest letter, which is then gone from here; waits for one. */
  next() {
    const letter = this.letters.shift()
    return letter ? Promise.resolve(letter) : new Promise((done) => this.#waiting.push(done))
  }
}

/** What is written in a letter; quoted-printable or base64, as mail comes. */
export function textOf(letter) {
  const body = letter.slice(letter.indexOf('\r\n\r\n') + 4)
  if (/content-transfer-encoding: *base64/i.test(letter)) return Buffer.from(body, 'base64').toString()
  return Buffer.from(body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString()
}

export function subjectOf(letter) {
  const subject = letter.match(/^Subject: (.*)$/mi)?.[1].trim() ?? ''
  return subject.replace(/=\?utf-8\?B\?([^?]*)\?=\s*/gi, (_, text) => Buffer.from(text, 'base64').toString())
}
