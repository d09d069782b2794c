// What the API says to a member of the staff, and what the member may.
import { signal } from '@preact/signals'
import { company, get, type Register, session } from '../shared/api'
import { said, type Says } from '../shared/language'

export interface Row {
  id: string; number: string; state: string; rights: string[]; channel?: string; identity: string; subject?: string; signed_in?: string; owner?: string
  received: string; safe: string; legal: string; overdue_from: string; due?: boolean; overdue?: boolean; extended?: boolean; closed?: string
}
export interface Right { right: string; outcome: string; done: boolean; exception?: string; due: { legal: string } }
export interface Step { step: string; at: string; by?: string; owner?: string; said?: Record<string, string> }
export interface Request {
  id: string; number: string; state: string; channel?: string; identity: string; received: string; closed: string | null; subject?: string; signed_in?: string; owner?: string
  due: { safe: string; legal: string; overdue_from: string }; is_overdue: boolean; extended: boolean; rights: Right[]; steps: Step[]
}
export interface Alarm { id: string; kind: string; name?: string; since: string; rule?: string; subject?: string; case?: string; to?: string[]; closed?: string }
export interface Act { id: string; act: string; asker: string; path?: string; since: string; until: string; approved: boolean }
export interface Forecast { from: string; until: string; days: { date: string; field: string; rule: string; items: number }[]; count: number }
export interface Breach {
  id: string; number?: string; recorded: string; aware?: string; deadline?: string; clock: string; nature: string[]; risk: string; to_tell: number; closed?: string | null
  scope: { state: string; through?: string; people?: number; erased_since?: number; records?: number; categories?: { category: string; people: number }[]; roles?: { role: string; people: number }[] }
}
export interface Held { subject: string; record: string; type: string; purpose?: string; state: 'in_force' | 'expired' | 'ended'; since: string; until?: string }
export interface Filed { record: string; type: string; kind: string; state: string; since: string; until: string | null; purpose?: string; channel?: string; details?: { wording?: string; language?: string; act?: string; channel?: string; policy?: string; particulars?: Record<string, string>; text?: string } }
export interface Member { id: string; name?: string; roles: string[]; may?: string[]; purposes?: string[]; lacks?: string[]; since: string; lapses?: string }
export interface Company { id: string; name?: string }
export interface Version { policy: string; version: string; standing: string; effective: string; applied: string; until?: string; hash: string; in_force: boolean; deployed: boolean }
export interface Work { what: string; looked: number; of: number }
export type Full = Register & { works?: Work[]; sweep_lag_ms: number; lost_versions?: string[] }

export const register = signal<Full | undefined>(undefined)
export const account = signal<Member | undefined>(undefined)
export const companies = signal<Company[]>([])
export async function loadRegister(): Promise<Full> {
  register.value = await get<Full>('/v1/register')
  return register.value
}
interface Called { name: string; says: Says }
interface Names { purposes: (Called & { only_counted: boolean })[]; categories: Called[]; fields: Called[] }
const says = new Map<string, Says>()
/** The purposes that nobody's data are read for, only counted. */
export const onlyCounted: string[] = []
/** What the policy calls a purpose or a category, in the reader's language; a field by its category; else its name. */
export const called = (name: string) => said(says.get(name) ?? says.get(name.split('.')[0]!), name)
export async function loadDesk(): Promise<Full> {
  const [full, member, contacts, names] = await Promise.all([loadRegister(), get<Member>('/v1/account'), get<{ companies: Company[] }>('/v1/contacts'), get<Names>('/v1/policy/says')])
  for (const one of [...names.fields, ...names.categories, ...names.purposes]) if (Object.keys(one.says).length) says.set(one.name, one.says)
  onlyCounted.splice(0, Infinity, ...names.purposes.filter((one) => one.only_counted).map((one) => one.name))
  account.value = member
  companies.value = contacts.companies
  const kept = (() => { try { return sessionStorage.getItem('company') } catch { return null } })()
  if (contacts.companies.length > 1) choose(contacts.companies.some((one) => one.id === kept) ? kept! : contacts.companies[0]!.id)
  return full
}
/** For which of the register's companies one works: every call then says so. */
export function choose(id: string) {
  company.value = id
  try { sessionStorage.setItem('company', id) } catch { /* then for this visit */ }
}
const scope = (name: string) => register.value?.scopes.includes(name) ?? false
/** What is not offered is refused by the API, too: by the scopes of the account, and by the roles that the policy gives. */
export const may = {
  look: () => scope('officer') || scope('audit'),
  officer: () => scope('officer'),
  decide: () => scope('officer') && has('decide_requests'),
  approve: () => scope('officer') && has('approve'),
  change: () => scope('administer') && has('change_policy'),
  read: () => scope('read'),
  rights: () => scope('rights'),
  collect: () => scope('collect'),
  correct: () => scope('rights') && has('change'),
  record: () => scope('record'),
  share: () => scope('share'),
  administer: () => scope('administer'),
}
const has = (act: string) => account.value?.may?.includes(act) ?? false
export const myself = () => session.value?.staff
export const now = () => register.value?.now ?? new Date().toISOString()
/** Every page of a list; `tell` hears how many rows there are so far, and may stop it by throwing. */
export async function all<T>(path: string, member: string, tell?: (count: number) => void): Promise<T[]> {
  const rows: T[] = []
  for (let next: string | undefined = ''; next !== undefined;) {
    const page: Record<string, unknown> = await get(path + (next ? `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(next)}` : ''))
    rows.push(...(page[member] as T[]))
    tell?.(rows.length)
    next = page.next as string | undefined
  }
  return rows
}
/** The staff by name: who can deal with a request. */
export interface Colleague { id: string; name?: string; may?: string[] }
export const colleagues = signal<Colleague[]>([])
export async function loadColleagues(): Promise<void> {
  if (!colleagues.value.length && may.look()) colleagues.value = await all<Colleague>('/v1/colleagues?limit=200', 'staff')
}
export const nameOf = (id: string) => { const one = colleagues.value.find((row) => row.id === id); return one?.name || id.slice(0, 6) }
const of = () => company.value ? `&controller=${company.value}` : ''
export const requests = (show = '') => all<Row>(`/v1/requests?limit=200${show ? `&show=${show}` : ''}${of()}`, 'requests')
export const everyRequest = async () => { const [open, closed] = await Promise.all([requests(), requests('closed'), loadColleagues()]); return [...open, ...closed] }
export interface Recipient { recipient: string; kind: string; says?: Says; closed: boolean; never?: boolean; purposes: { purpose: string; says?: Says; basis: string; law?: string }[]; categories: string[] }
export interface Party { recipient: string; kind: string; party: string; name: string; zone?: string; place?: string; outside: boolean; safeguards: { type: string; live: boolean }[]; agreements: { type: string; since: string; until: string | null; live: boolean }[] }
