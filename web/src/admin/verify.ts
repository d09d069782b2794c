// The log, verified here: RFC 6962 hashes over the tiles, an Ed25519 signature over the checkpoint
// (C2SP tlog-checkpoint and signed-note). Nothing is believed that was not computed.
import { send } from '../shared/api'

export const TILE = 256
/** As docs/log-format.md has it. */
export interface Entry { ac: string; at: number; au?: string; by?: string; ca?: string[]; cs?: string; de?: string; ef?: string[]; ow?: string; pu?: string; rk?: string; su?: string; ru?: string; rq?: string }
export interface Checkpoint { text: string; origin: string; size: number; root: Uint8Array; signature: Uint8Array; signed: Uint8Array }
export class Broken extends Error { constructor(readonly what: 'signature' | 'root' | 'entry' | 'kept', readonly index = 0) { super(what) } }

type Bytes = Uint8Array<ArrayBuffer>
const base64 = (text: string): Bytes => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])
async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) { all.set(part, at); at += part.length }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all))
}
export const leaf = (entry: Uint8Array) => sha256(Uint8Array.of(0), entry)
const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)

export function parse(text: string): Checkpoint {
  const end = text.indexOf('\n\n')
  const [origin = '', size = '', root = ''] = text.slice(0, end).split('\n')
  const line = text.slice(end + 2).split('\n').find((one) => one.startsWith('\u2014 ')) ?? ''
  return { text, origin, size: Number(size), root: base64(root), signature: base64(line.split(' ')[2] ?? ''), signed: new TextEncoder().encode(text.slice(0, end + 1)) }
}

/** `key` is "origin+hash+base64(1, 32 bytes)"; the signature has the key's hash before it. */
export async function checkSignature(point: Checkpoint, key: string, what: 'signature' | 'kept' = 'signature') {
  const [, hash = '', ...rest] = key.trim().split('+')
  const bytes = base64(rest.join('+'))
  const known = Uint8Array.from(hash.match(/../g) ?? [], (pair) => parseInt(pair, 16))
  if (!same(point.signature.slice(0, 4), known)) throw new Broken(what)
  const verifier = await crypto.subtle.importKey('raw', bytes.slice(1), 'Ed25519', false, ['verify'])
  if (!(await crypto.subtle.verify('Ed25519', verifier, point.signature.slice(4) as Bytes, point.signed as Bytes))) throw new Broken(what)
}

function tilePath(kind: string, index: number, width: number) {
  let name = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) name = `x${String(rest % 1000).padStart(3, '0')}/${name}`
  return `/v1/log/tile/${kind}/${name}${width < TILE ? `.p/${width}` : ''}`
}
// Within one verification a tile is asked for once: what was hashed is what is shown.
const kept = new Map<string, Promise<Uint8Array>>()
export const forget = () => kept.clear()
function tile(kind: string, index: number, width: number): Promise<Uint8Array> {
  const path = tilePath(kind, index, width)
  const bytes = kept.get(path) ?? send('GET', path).then((answer) => answer.arrayBuffer()).then((buffer) => new Uint8Array(buffer))
  kept.set(path, bytes)
  return bytes
}
async function hashes(level: number, index: number, width: number): Promise<Uint8Array[]> {
  const bytes = await tile(String(level), index, width)
  return Array.from({ length: width }, (_, i) => bytes.slice(32 * i, 32 * i + 32))
}

/** The entries of a bundle. */
export async function entries(index: number, width: number): Promise<Uint8Array[]> {
  const bytes = await tile('entries', index, width)
  const found: Uint8Array[] = []
  for (let at = 0; at + 2 <= bytes.length && found.length < width;) {
    const length = bytes[at]! * 256 + bytes[at + 1]!
    found.push(bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return found
}

/** Roots of complete subtrees from the left, each with the level it stands at; equal ones join. */
class Range {
  private stack: { level: number; hash: Uint8Array }[] = []
  async push(level: number, hash: Uint8Array) {
    while (this.stack.at(-1)?.level === level) { hash = await node(this.stack.pop()!.hash, hash); level++ }
    this.stack.push({ level, hash })
  }
  async root(): Promise<Uint8Array> {
    const parts = this.stack.map((one) => one.hash)
    let root = parts.pop() ?? (await sha256())
    while (parts.length) root = await node(parts.pop()!, root)
    return root
  }
}

/** The root over the first `size` entries of a log that has `total`: full tiles by the level above. */
export async function rootOf(size: number, total: number): Promise<Uint8Array> {
  const range = new Range(), full = Math.floor(size / TILE), rest = size % TILE, above = Math.floor(total / TILE)
  for (let at = 0; at < full; at += TILE) {
    const width = Math.min(TILE, above - at)
    for (const hash of (await hashes(1, at / TILE, width)).slice(0, full - at)) await range.push(8, hash)
  }
  if (rest) for (const hash of (await hashes(0, full, Math.min(TILE, total - full * TILE))).slice(0, rest)) await range.push(0, hash)
  return range.root()
}

/** That these entries are leaves of the tree whose root was just computed: by their tile, and by that tile's root. */
export async function checkEntries(index: number, found: Uint8Array[], total: number) {
  const width = Math.min(TILE, total - index * TILE), leaves = await hashes(0, index, width)
  for (let i = 0; i < found.length; i++) if (!same(await leaf(found[i]!), leaves[i]!)) throw new Broken('entry', index * TILE + i)
  if (width < TILE) return
  const range = new Range()
  for (const one of leaves) await range.push(0, one)
  const above = Math.floor(total / TILE), group = Math.floor(index / TILE)
  const parents = await hashes(1, group, Math.min(TILE, above - group * TILE))
  if (!same(await range.root(), parents[index % TILE]!)) throw new Broken('entry', index * TILE)
}

export async function checkRoot(point: Checkpoint, total = point.size, what: 'root' | 'kept' = 'root') {
  if (point.size > total || !same(await rootOf(point.size, total), point.root)) throw new Broken(what)
}
export const text = async (path: string) => (await send('GET', path)).text()
