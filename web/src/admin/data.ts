// What the API says to a member of the staff.
import { signal } from '@preact/signals'
import { get, type Register } from '../shared/api'

export interface Row {
  id: string; number: string; state: string; rights: string[]; channel?: string; identity: string; subject?: string; signed_in?: string
  received: string; safe: string; legal: string; overdue_from: string; due?: boolean; overdue?: boolean; extended?: boolean; closed?: string
}
export interface Right { right: string; outcome: string; done: boolean; exception?: string; due: { legal: string } }
export interface Step { step: string; at: string; by?: string; said?: Record<string, string> }
export interface Request {
  id: string; number: string; state: string; channel?: string; identity: string; received: string; closed: string | null; subject?: string; signed_in?: string
  due: { safe: string; legal: string; overdue_from: string }; is_overdue: boolean; extended: boolean; rights: Right[]; steps: Step[]
}
export interface Alarm { id: string; kind: string; name?: string; since: string; rule?: string; subject?: string; case?: string; to?: string[]; closed?: string }
export interface Act { id: string; act: string; asker: string; path?: string; since: string; until: string; approved: boolean }
export interface Forecast { from: string; until: string; days: { date: string; field: string; rule: string; items: number }[]; count: number }
export interface Breach { id: string; number?: string; aware?: string; notify_by?: string; closed?: string | null; [name: string]: unknown }

export const register = signal<Register | undefined>(undefined)
export async function loadRegister(): Promise<Register> {
  register.value = await get<Register>('/v1/register')
  return register.value
}
export const may = (scope: string) => register.value?.scopes.includes(scope) ?? false
export const now = () => register.value?.now ?? new Date().toISOString()
export const requests = () => get<{ requests: Row[] }>('/v1/requests').then((answer) => answer.requests)
