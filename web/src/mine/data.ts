// What the API says of the person who is signed in.
import { signal } from '@preact/signals'
import { get } from '../shared/api'
import type { Says } from '../shared/language'

export interface Ground { purpose: string; basis: string; ends: string | null; rule: string }
export interface Item {
  id: string; field: string; says?: Says; category?: string; category_says?: Says; source_kind?: string; source_says?: Says
  kind?: string; change: 'here' | 'address' | 'file' | 'elsewhere'; controller: string; collected: string; ends: string | null; restricted: boolean; purposes: Ground[]
  stays: { claim?: boolean; law?: string; until?: string | null }
}
/** What a consent is for, where it is one at a time. */
export interface Bound { field?: string; says?: Says; party?: string; party_name?: string; channel?: string; cookie?: string }
export interface Purpose {
  purpose: string; says: Says; basis: string; article: string; law?: string; reuses: boolean; marketing: boolean; counts_only: boolean
  objection: 'weighed' | 'absolute' | 'none'; consented: boolean; stopped: boolean
  per: string[]; fields?: Bound[]; given?: Bound[]
}
export interface Switch { switch: string; says: Says; purposes: string[]; off: boolean }
export interface Contact { id: string; kind: 'email' | 'phone' | 'post' | 'web' | 'self_service' | 'supervisor'; at?: string; role?: string }
export interface Overview {
  now: string; reference: string; controllers: { id: string; name?: string }[]; items: Item[]; purposes: Purpose[]; switches: Switch[]
  asks_identity: { access: boolean; portability: boolean; rectify: boolean; erase: boolean }
  waits: boolean; contacts: Contact[]; complaint: { supervisors: string[] }
}
export interface Request {
  id: string; number: string; state: string; rights: string[]; identity: string; received: string; safe: string; legal: string
  overdue?: boolean; extended?: boolean; closed?: string
}
export interface Taken { log_index: number; receipt?: unknown; number: string; received: string; legal: string; safe: string; follow?: string }
export interface Signed { id: string; since: string; used: string; how: string; own?: boolean }
export interface Use { index: number; at: string; action: string; decision: string; controller?: string; by: string; roles?: string[]; purpose?: string; because?: string; categories: string[]; rule?: string; recipient?: string }

export interface Given { record: string; at?: string; recipient: string; name?: string; purpose?: string; fields: string[] }

export const overview = signal<Overview | undefined>(undefined)
export async function loadOverview(): Promise<Overview> {
  overview.value = await get<Overview>('/v1/me/overview')
  return overview.value
}
export const requests = () => get<{ requests: Request[] }>('/v1/me/requests').then((answer) => answer.requests)
/** A request for this right by somebody who has proven who they are: what it asks for is had under it. */
export const proven = (list: Request[], right: string) => list.find((one) => one.rights.includes(right) && one.identity === 'proven' && one.state === 'open')
/** For which company something is asked, where there are several. */
export const by = (view: Overview, company: string): Record<string, string> => view.controllers.length > 1 && company ? { 'X-Vern-Controller': company } : {}
