// Pieces of several views of the console.
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { once, send } from '../shared/api'
import { date, daysTo, number, sentence, shortMonth } from '../shared/language'
import { route } from '../shared/route'
import { Alert, Button, Icon, Tag, Trouble } from '../shared/ui'
import { colleagues, myself, nameOf, now, type Row } from './data'
import { type Key, named, t } from './words'

export const short = (id: string) => `k:${id.slice(0, 4)}…${id.slice(-2)}`
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => <div class="scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>
export const Panel = ({ title, children, aside }: { title?: string; children: ComponentChildren; aside?: ComponentChildren }) => (
  <section class="panel stack">{title && (aside ? <div class="row apart"><Heading>{title}</Heading>{aside}</div> : <Heading>{title}</Heading>)}{children}</section>
)
export const Heading = ({ children, small }: { children: ComponentChildren; small?: boolean }) => small ? <h3 class="ds-heading" data-size="2xs">{children}</h3> : <h2 class="ds-heading" data-size="xs">{children}</h2>
export const More = ({ title, children }: { title: string; children: ComponentChildren }) => <details class="ds-details" data-color="neutral"><summary>{title}</summary><div class="stack">{children}</div></details>
export const Select = ({ id, label, value, options, onChange }: { id: string; label: string; value: string; options: [string, string][]; onChange: (value: string) => void }) => (
  <div class="ds-field"><label class="ds-label" data-weight="medium" for={id}>{label}</label>
    <select class="ds-input" id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>{options.map(([name, text]) => <option key={name} value={name}>{text}</option>)}</select></div>
)

export type Cell = ComponentChildren
/** Column names with "#" before them hold numbers. The first column names its row. */
export function Table({ label, columns, rows }: { label: string; columns: string[]; rows: Cell[][] }) {
  const numeric = columns.map((one) => one.startsWith('#'))
  return (
    <Scroll label={label}>
      <table class="ds-table" data-color="neutral" data-size="sm">
        <thead><tr>{columns.map((one, i) => <th scope="col" key={i} class={numeric[i] ? 'number' : undefined}>{one.replace(/^#/, '') || <span class="ds-sr-only">{t('act')}</span>}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => j === 0 ? <th scope="row" key={j}>{cell}</th> : <td key={j} class={numeric[j] ? 'number' : undefined}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </Scroll>
  )
}

// ---- deadlines ----

export function Deadline({ day, closed, over }: { day: string; closed?: string | null; over?: boolean }) {
  if (closed) return <span class="quiet">{t('answered', { date: date(closed) })}</span>
  const days = daysTo(day, now())
  return (
    <span class={`deadline-cell ${over || days < 0 ? 'over' : days <= 7 ? 'soon' : ''}`}>
      <span>{date(day)}</span><i> · </i><span>{over || days < 0 ? t('daysOver', { count: Math.max(1, -days) }) : days === 0 ? t('lastDay') : days === 1 ? t('dayLeft') : t('daysLeft', { count: days })}</span>
    </span>
  )
}
export const worstFirst = (a: Row, b: Row) => Number(a.state !== 'open') - Number(b.state !== 'open') || a.legal.localeCompare(b.legal)
export interface Pick { chosen: string[]; choose: (ids: string[]) => void }
export function RequestTable({ rows, label, pick }: { rows: Row[]; label: string; pick?: Pick }) {
  const tick = (row: Row) => pick && row.state === 'open' && <input type="checkbox" class="ds-input" aria-label={t('choose_request', { number: row.number })} checked={pick.chosen.includes(row.id)}
    onChange={(event) => pick.choose(event.currentTarget.checked ? [...pick.chosen, row.id] : pick.chosen.filter((one) => one !== row.id))} />
  return <Table label={label} columns={[t('number'), t('deadline'), t('type'), t('owner'), t('identity'), t('cameBy'), t('status')]} rows={rows.map((row) => [
    <span class="row pick">{tick(row)}<a class="ds-link mono" href={`/admin/requests/${row.id}`}>{row.number}</a></span>, <Deadline day={row.legal} closed={row.closed} over={row.overdue} />,
    sentence(row.rights.map((right) => named('right', right))), row.owner ? row.owner === myself() ? <strong>{t('me')}</strong> : nameOf(row.owner) : <span class="quiet">{t('ownerNone')}</span>,
    named('proof', row.identity), row.channel ? named('channel', row.channel) : '–',
    <Tag color={row.state === 'open' ? (row.overdue ? 'danger' : 'info') : 'neutral'}>{named('state', row.state)}</Tag>,
  ])} />
}
/** To oneself with one press, or to whoever may decide. */
export function GiveTo({ owner, busy, give, back }: { owner?: string; busy?: boolean; give: (member?: string) => void; back?: boolean }) {
  const others = colleagues.value.filter((one) => one.id !== owner && one.may?.includes('decide_requests')), mine = others.some((one) => one.id === myself())
  const [to, choose] = useState('')
  const rest = others.filter((one) => one.id !== myself())
  return (
    <div class="row reveal">
      {mine && <Button busy={busy} onClick={() => give(myself())}>{t('ownerTake')}</Button>}
      {rest.length > 0 && <><Select id="owner" label={t('ownerOther')} value={to || rest[0]!.id} options={rest.map((one) => [one.id, nameOf(one.id)])} onChange={choose} /><Button variant="secondary" busy={busy} onClick={() => give(to || rest[0]!.id)}>{t('ownerGive')}</Button></>}
      {back && <Button variant="tertiary" busy={busy} onClick={() => give()}>{t('ownerBack')}</Button>}
    </div>
  )
}

// ---- acts ----

const ACCEPTED = 202 // it is done once another has approved it, and it is asked for again
export interface Acting { busy?: boolean; error?: unknown; waits?: boolean; done?: { log_index?: number } }
/** An act of the staff: it waits for the receipt, and says what the log holds. */
export function useAct(again: () => void) {
  const [state, set] = useState<Acting>({})
  return { ...state, act: async <T,>(path: string, body: object = {}, method = 'POST'): Promise<T | undefined> => {
    set({ busy: true })
    try {
      const answer = await send(method, path, method === 'DELETE' ? undefined : body, once())
      if (answer.status === ACCEPTED) { set({ waits: true }); return undefined }
      const done = await answer.json() as T & { log_index?: number }
      set({ done })
      again()
      return done
    } catch (error) { set({ error }); return undefined }
  } }
}
/** What became of an act: refused, waiting for another, or done with its place in the log. */
export function Outcome({ of }: { of: Acting }) {
  return (
    <>
      <Trouble error={of.error} />
      {of.waits && <Alert color="info" title={t('waits')} live><p>{t('waitsText')}</p></Alert>}
      {of.done && of.done.log_index !== undefined && <p role="status" class="row quiet"><Icon name="check" />{t('entry', { index: number(of.done.log_index) })}</p>}
    </>
  )
}

/** Work that goes on in steps: how far it has come, and a way out. Leaving the page ends it, too. */
export interface Work { looked: number; of: number }
export function useWork<T>() {
  const [state, set] = useState<{ work?: Work; value?: T; error?: unknown; stopped?: boolean }>({})
  const [run] = useState({ number: 0 })
  useEffect(() => () => { run.number++ }, [])
  return { ...state, stop: () => { run.number++; set({ stopped: true }) }, start: async (task: (tell: (work: Work) => void) => Promise<T>) => {
    const mine = ++run.number
    set({ work: { looked: 0, of: 0 } })
    try {
      const value = await task((work) => { if (mine !== run.number) throw new Stopped(); set({ work }) })
      if (mine === run.number) set({ value })
    } catch (error) { if (mine === run.number && !(error instanceof Stopped)) set({ error }) }
  } }
}
class Stopped extends Error {}
export function Progress({ work, stop }: { work?: Work; stop: () => void }) {
  if (!work) return null
  return (
    <div class="stack" role="status">
      <label class="stack tight">{work.of ? t('progress', { looked: number(work.looked), of: number(work.of) }) : t('begins')}<progress max={work.of || 1} value={work.of ? work.looked : undefined} /></label>
      <p class="row"><Button variant="secondary" onClick={stop}>{t('stop')}</Button><span class="quiet">{t('mayLeave')}</span></p>
    </div>
  )
}

// ---- tables to take along ----

// A cell that a spreadsheet would calculate begins with an apostrophe.
const cell = (value: string | number) => { const text = String(value); return /^[=+\-@\t\r]/.test(text) || /[",\n;]/.test(text) ? `"${(/^[=+\-@\t\r]/.test(text) ? "'" : '') + text.replace(/"/g, '""')}"` : text }
export function Csv({ name, columns, rows }: { name: string; columns: string[]; rows: (string | number)[][] }) {
  const take = () => {
    const text = '\uFEFF' + [columns.map((one) => one.replace(/^#/, '')), ...rows].map((row) => row.map(cell).join(';')).join('\r\n') + '\r\n'
    const link = document.createElement('a'), url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
    link.href = url
    link.download = `${name}.csv`
    link.click()
    URL.revokeObjectURL(url)
  }
  return <Button variant="tertiary" onClick={take}><Icon name="download" />{t('csv')}</Button>
}
/** A picture, the sentence that it shows, and the same as a table and a file. */
export function Chart({ label, name, columns, rows, children }: { label: string; name: string; columns: string[]; rows: (string | number)[][]; children: ComponentChildren }) {
  return (
    <figure class="stack">
      <div class="scroll" role="group" aria-label={label} tabIndex={0}>{children}</div>
      <figcaption class="quiet">{label}</figcaption>
      <More title={t('asTable')}><Table label={columns.map((one) => one.replace(/^#/, '')).join(', ')} columns={columns} rows={rows.map((row) => row.map((one) => typeof one === 'number' ? number(one) : one))} /><div><Csv name={name} columns={columns} rows={rows} /></div></More>
    </figure>
  )
}
/** No picture is filled by fewer: a count that is withheld for being small looks small. */
const SCALE_LEAST = 20
/** Rows with a bar each: a name, a length, and words for it. */
export function Rows({ label, rows }: { label: string; rows: { name: string; value: number; text: string }[] }) {
  const most = Math.max(SCALE_LEAST, ...rows.map((row) => row.value))
  return (
    <svg class="rows" viewBox={`0 0 600 ${rows.length * 30}`} role="img" aria-label={label}>
      {rows.map((row, i) => (
        <g key={i}>
          <text x="0" y={i * 30 + 19}>{row.name.length > 28 ? row.name.slice(0, 27) + '…' : row.name}</text>
          <rect x="210" y={i * 30 + 7} width={Math.max(2, 300 * row.value / most)} height="16" rx="2" />
          <text class="value" x={216 + Math.max(2, 300 * row.value / most)} y={i * 30 + 19}>{row.text}</text>
        </g>
      ))}
    </svg>
  )
}
/** Lines over months; each with a mark of its own, so that colour alone tells nothing. */
export function Lines({ label, months, series }: { label: string; months: string[]; series: { name: string; values: number[] }[] }) {
  const most = Math.max(SCALE_LEAST, ...series.flatMap((one) => one.values)), step = 560 / Math.max(1, months.length - 1)
  const x = (i: number) => 20 + i * step, y = (value: number) => 150 - 130 * value / most
  return (
    <>
      <svg class="lines-chart" viewBox="0 0 600 175" role="img" aria-label={label}>
        <line x1="20" y1="150" x2="580" y2="150" /><line class="faint" x1="20" y1="20" x2="580" y2="20" />
        <text x="20" y="14">{number(most)}</text>
        {months.map((month, i) => (i === 0 || i === months.length - 1 || (i % Math.ceil(months.length / 4) === 0 && i < months.length - 2)) && <text key={month} x={x(i)} y="168" text-anchor={i === 0 ? 'start' : i === months.length - 1 ? 'end' : 'middle'}>{shortMonth(month)}</text>)}
        {series.map((one, s) => (
          <g key={one.name} class={`series-${s}`}>
            <polyline points={one.values.map((value, i) => `${x(i)},${y(value)}`).join(' ')} />
            {one.values.map((value, i) => s === 0 ? <circle key={i} cx={x(i)} cy={y(value)} r="3.500" /> : <rect key={i} x={x(i) - 3} y={y(value) - 3} width="6" height="6" />)}
          </g>
        ))}
      </svg>
      <ul class="plain-list legend">{series.map((one, s) => <li key={one.name} class={`series-${s}`}><svg viewBox="0 0 12 12" aria-hidden="true">{s === 0 ? <circle cx="6" cy="6" r="5" /> : <rect x="1" y="1" width="10" height="10" />}</svg>{one.name}</li>)}</ul>
    </>
  )
}

// ---- the address holds what is chosen ----

const search = signal(location.search)
addEventListener('popstate', () => { search.value = location.search })
/** What the address says after "?": a view that is shared or reloaded is the same view. */
export function useQuery(): [(name: string) => string, (changes: Record<string, string>) => void] {
  void search.value // a change of either shows the view anew
  void route.value
  const values = new URLSearchParams(location.search)
  return [(name) => values.get(name) ?? '', (changes) => {
    const next = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name)
    const text = next.toString()
    history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''))
    search.value = location.search
  }]
}
export const Chips = <T extends string>({ label, all, chosen, choose, text }: { label: string; all: readonly T[]; chosen: T; choose: (one: T) => void; text: (one: T) => ComponentChildren }) => (
  <div class="chips" role="group" aria-label={label}>{all.map((one) => <button type="button" key={one} aria-pressed={chosen === one} onClick={() => choose(one)}>{text(one)}</button>)}</div>
)
export const Lacking = ({ key_ }: { key_: Key }) => <p class="quiet">{t(key_)}</p>
