// The log: what happened, in plain words, each held against the signed root in this browser.
import { useEffect, useState } from 'preact/hooks'
import { moment, number, plain } from '../shared/language'
import { Alert, Button, Copy, Field, Icon, Tag, Title, Trouble } from '../shared/ui'
import { called } from './data'
import { Chips, Heading, Panel, Progress, Select, short, type Work, useQuery, useWork } from './pieces'
import * as verify from './verify'
import { named, t } from './words'

interface Line { index: number; entry: verify.Entry; text: string }
interface Checked { point: verify.Checkpoint; root: string; kept?: number; lines: Line[]; from: number }

/** One bundle of entries under a root that was computed here; `tell` may stop it. */
async function checkLog(kept: string, bundle: number | undefined, tell: (work: Work) => void): Promise<Checked> {
  verify.forget()
  const key = await verify.text('/v1/log/key'), point = verify.parse(await verify.text('/v1/log/checkpoint'))
  await verify.checkSignature(point, key)
  tell({ looked: 1, of: 4 })
  await verify.checkRoot(point)
  tell({ looked: 2, of: 4 })
  const old = kept.trim() ? verify.parse(kept.trimStart()) : undefined
  if (old) { await verify.checkSignature(old, key, 'kept'); await verify.checkRoot(old, point.size, 'kept') }
  tell({ looked: 3, of: 4 })
  const last = Math.floor((point.size - 1) / verify.TILE), at = Math.max(0, Math.min(bundle ?? last, last))
  const found = await verify.entries(at, Math.min(verify.TILE, point.size - at * verify.TILE))
  await verify.checkEntries(at, found, point.size)
  const lines = found.map((bytes, i) => { const text = new TextDecoder().decode(bytes); return { index: at * verify.TILE + i, text, entry: JSON.parse(text) as verify.Entry } }).reverse()
  return { point, root: btoa(String.fromCharCode(...point.root)), lines, from: at, ...(old ? { kept: old.size } : {}) }
}

/** "A member of the staff read contact for support": by kind and never by name. */
function sentence({ entry }: Line): string {
  const who = named('by', entry.au === 'session' || entry.au === 'asserted' ? 'staff' : entry.au === 'system' ? 'system' : 'application')
  return [who, named('action', entry.ac), entry.ca?.map(called).join(', ') ?? '', entry.pu ? t('forPurpose', { purpose: called(entry.pu) }) : '', entry.rk ? t('toRecipient', { recipient: plain(entry.rk) }) : ''].filter(Boolean).join(' ')
}

const KINDS = ['all', 'looks', 'changes', 'rights', 'refusals', 'rules'] as const
type Kind = (typeof KINDS)[number]
const of: Record<Kind, (line: Line) => boolean> = {
  all: () => true,
  looks: ({ entry }) => /^(read|use|show|access|portability|share|uses|evidence_list|list|find|export)/.test(entry.ac),
  changes: ({ entry }) => /^(collect|create|rectify|event|role|derive|identify|erase|gone|merge|split)/.test(entry.ac),
  rights: ({ entry }) => /^(consent|withdraw|object|restrict|switch|stop|request|erase|access|portability|rectify)/.test(entry.ac),
  refusals: ({ entry }) => entry.de === 'refuse',
  rules: ({ entry }) => /^(version|genesis|token|staff|account|webhook|start|alarm|break_glass|act)/.test(entry.ac),
}

const ROWS = 50
export function Log() {
  const [said, say] = useQuery()
  const [kept, paste] = useState(''), [wanted, want] = useState(said('entry'))
  const work = useWork<Checked>()
  const asked = said('entry'), kind = KINDS.find((one) => one === said('kind')) ?? 'all', page = Number(said('page')) || 0
  const check = (bundle?: number) => void work.start((tell) => checkLog(kept, bundle ?? (asked ? Math.floor(Number(asked) / verify.TILE) : undefined), tell))
  useEffect(() => { if (asked && globalThis.isSecureContext) check() }, [asked])
  const { error, value: checked } = work, busy = !!work.work && !checked && !error && !work.stopped
  return (
    <div class="stack wide-gap">
      <Title>{t('logTitle')}</Title>
      <p class="measure">{t('logText')}</p>
      <Panel>
        <div class="measure"><Field id="kept" label={t('keptRoot')} help={t('keptHelp')} value={kept} onInput={paste} long /></div>
        {globalThis.isSecureContext ? <div class="row"><Button busy={busy} onClick={() => check()}>{t('verify')}</Button>{!checked && !error && <span class="quiet">{t('unverified')}</span>}</div> : <Alert color="warning"><p>{t('insecure')}</p></Alert>}
        {busy && <Progress work={work.work} stop={work.stop} />}
        {error instanceof verify.Broken
          ? <Alert color="danger" title={t('broken')} live><p>{error.what === 'entry' ? t('broken_entry', { index: number(error.index) }) : t(`broken_${error.what}`)}</p><p>{t('brokenDo')}</p></Alert>
          : <Trouble error={error} />}
        {checked && !error && <Alert color="success" title={t('verified')} live>
          <p>{t('verifiedText', { count: number(checked.point.size), root: checked.root })}</p>
          {checked.kept !== undefined ? <p>{t('consistent', { count: number(checked.kept) })}</p> : <p>{t('keepThis')} <Copy text={checked.point.text} /></p>}
        </Alert>}
      </Panel>
      {checked && !error && <Lines checked={checked} kind={kind} page={page} asked={asked} wanted={wanted} want={want} say={say} turn={(bundle) => { say({ page: '', entry: '' }); check(bundle) }} find={() => say({ entry: wanted, page: '', kind: '' })} />}
    </div>
  )
}

interface LinesProps { checked: Checked; kind: Kind; page: number; asked: string; wanted: string; want: (value: string) => void; say: (changes: Record<string, string>) => void; turn: (bundle: number) => void; find: () => void }
function Lines({ checked, kind, page, asked, wanted, want, say, turn, find }: LinesProps) {
  const [said] = useQuery(), purpose = said('purpose')
  const fits = checked.lines.filter((line) => (asked ? line.index === Number(asked) : of[kind](line)) && (!purpose || line.entry.pu === purpose))
  const shown = fits.slice(page * ROWS, page * ROWS + ROWS), last = Math.floor((checked.point.size - 1) / verify.TILE)
  const purposes = [...new Set(checked.lines.flatMap((line) => line.entry.pu ?? []))].sort()
  const first = checked.lines.at(-1)?.index ?? 0, end = checked.lines[0]?.index ?? 0
  return (
    <Panel title={t('bundle', { from: number(first), to: number(end) })}>
      <Chips label={t('kindOf')} all={KINDS} chosen={kind} choose={(one) => say({ kind: one === 'all' ? '' : one, page: '', entry: '' })} text={(one) => one === 'all' ? t('filterAll') : t(`log_${one}`)} />
      <form class="row reveal" onSubmit={(event) => { event.preventDefault(); find() }}>
        <Select id="log-purpose" label={t('purposeFor')} value={purpose} options={[['', t('filterAll')], ...purposes.map((one): [string, string] => [one, called(one)])]} onChange={(one) => say({ purpose: one, page: '' })} />
        <Field id="log-entry" label={t('entryNumber')} value={wanted} onInput={want} />
        <Button type="submit" variant="secondary" disabled={!/^\d+$/.test(wanted)}>{t('find')}</Button>
      </form>
      {shown.length === 0 ? <p class="row">{t('noneFits')} <Button variant="tertiary" onClick={() => say({ kind: '', purpose: '', entry: '', page: '' })}>{t('reset')}</Button></p> : (
        <ul class="plain-list entries">{shown.map((line) => (
          <li key={line.index}>
            <details class="ds-details" data-color="neutral" open={String(line.index) === asked || undefined}>
              <summary><span class="entry"><Icon name="check" /><span class="number">{number(line.index)}</span><span><strong>{sentence(line)}</strong>{line.entry.su ? <span class="mono quiet"> {short(line.entry.su)}</span> : ''}</span>{line.entry.de === 'refuse' && <Tag color="warning">{t('refusedUse')}</Tag>}<span class="quiet">{moment(new Date(line.entry.at).toISOString())}</span></span></summary>
              <div class="stack"><p class="quiet">{t('included', { index: number(line.index), count: number(checked.point.size) })}</p><Heading small>{t('raw')}</Heading><pre class="letter">{JSON.stringify(JSON.parse(line.text), null, 2)}</pre></div>
            </details>
          </li>
        ))}</ul>
      )}
      <nav class="row apart" aria-label={t('pages')}>
        <span class="row">
          {page > 0 && <Button variant="secondary" onClick={() => say({ page: page > 1 ? String(page - 1) : '' })}>{t('before')}</Button>}
          {fits.length > (page + 1) * ROWS && <Button variant="secondary" onClick={() => say({ page: String(page + 1) })}>{t('next50')}</Button>}
        </span>
        <span class="row">
          {checked.from < last && <Button variant="tertiary" onClick={() => turn(checked.from + 1)}>{t('newer')}</Button>}
          {checked.from > 0 && <Button variant="tertiary" onClick={() => turn(checked.from - 1)}>{t('older')}</Button>}
        </span>
      </nav>
    </Panel>
  )
}
