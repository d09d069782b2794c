// What the pages ask of the API: the session cookie is the browser's, its CSRF value is kept here.
import { signal } from '@preact/signals'

export interface Problem { type: string; title: string; status: number; detail?: string; rule?: string; article?: string }
export class ApiError extends Error {
  constructor(readonly problem: Problem) { super(problem.detail ?? problem.title) }
  get status() { return this.problem.status }
}

export interface Session {
  id: string; subject?: string; staff?: string; register: string; how: string; csrf: string; since: string; expires: string
  fresh_until: string; first?: boolean
}
/** null: nobody is signed in; undefined: not asked yet. */
export const session = signal<Session | null | undefined>(undefined)
/** What a view has asked, for "as API calls"; empty again where another view begins. */
export interface Call { method: string; path: string; body?: unknown; file?: boolean }
export const calls = signal<Call[]>([])
const CALLS = 12
const note = (call: Call) => { calls.value = [...calls.value.filter((one) => one.method !== call.method || one.path !== call.path), call].slice(-CALLS) }
/** For which company of the register one asks, where there are several; empty: it is not said. */
export const company = signal('')

async function problemOf(answer: Response): Promise<Problem> {
  try { return (await answer.json()) as Problem } catch { return { type: '', title: answer.statusText, status: answer.status } }
}

/** Signed out in the middle of something: what was typed stays, and the next try asks who is signed in now. */
let lost = false
async function findAgain(before: Session) {
  lost = false
  await loadSession()
  if (session.value?.subject !== before.subject || session.value?.staff !== before.staff) location.reload()
}

export async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  if (lost && session.value && path !== '/v1/session') await findAgain(session.value)
  const fields: Record<string, string> = { ...headers }
  const bytes = body instanceof Blob
  if (body !== undefined) fields['Content-Type'] = bytes ? 'application/octet-stream' : 'application/json'
  if (method !== 'GET') fields['X-Vern-CSRF'] = session.value?.csrf ?? ''
  if (company.value) fields['X-Vern-Controller'] = company.value
  note(bytes ? { method, path, file: true } : { method, path, body })
  let answer: Response
  try {
    answer = await fetch(path, { method, headers: fields, body: body === undefined ? undefined : bytes ? body : JSON.stringify(body), cache: 'no-store' })
  } catch {
    throw new ApiError({ type: 'offline', title: 'offline', status: 0 })
  }
  if (answer.ok) return answer
  const problem = await problemOf(answer)
  if (problem.status === 401 && method !== 'GET') lost = true
  else if (problem.status === 401 && session.value) session.value = null
  throw new ApiError(problem)
}
export async function get<T>(path: string): Promise<T> {
  return (await (await send('GET', path)).json()) as T
}
export async function post<T>(path: string, body: unknown = {}, headers?: Record<string, string>): Promise<T> {
  return (await (await send('POST', path, body, headers)).json()) as T
}
export interface Register { name: string; public: string; clock: string; now: string; version?: string; log_key: string; log_size: number; destruction_stopped: boolean; scopes: string[] }
/** A key under which a repeated sending is one act. */
export const once = () => ({ 'Idempotency-Key': crypto.randomUUID() })

export async function loadSession(): Promise<void> {
  try { session.value = await (await send('GET', '/v1/session')).json() } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) session.value = null
    else throw error
  }
}
export async function signOut(): Promise<void> {
  await send('POST', '/v1/session/end')
  session.value = null
}
