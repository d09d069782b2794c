// The policy in force with its findings at their lines; another version with what it would do, before it is done.
import { useState } from 'preact/hooks'
import { get, post } from '../shared/api'
import { date, number } from '../shared/language'
import { Alert, Button, Choice, Copy, ErrorSummary, Field, Icon, Loaded, Tag, Title, Trouble, useLoad } from '../shared/ui'
import { may, register, type Version } from './data'
import { Heading, More, Outcome, Panel, Scroll, Select, Table, useAct, useQuery } from './pieces'
import { named, t } from './words'

interface Finding { severity: string; rule: string; file?: string; line?: number; text: string; suggestion?: string; article?: string }
interface Difference { path: string; material: boolean; what: string; why: string }
interface Clause { clause: string; people?: number; closes?: number; opens?: number; erases?: number; untold?: number; fewer_than?: number }
interface Effect { people: number; closes: number; opens: number; erases: number; untold: number; effective: string; problems?: Finding[]; diff: Difference[]; clauses: Clause[] }

const Mark = ({ one }: { one: Finding }) => <Tag color={one.severity === 'error' ? 'danger' : one.severity === 'warning' ? 'warning' : 'info'}>{named('severity', one.severity)}</Tag>
/** The text with its line numbers; what is found stands under its line. */
function Source({ text, label, found = [] }: { text: string; label: string; found?: Finding[] }) {
  return (
    <Scroll label={label}><pre class="source"><code>{text.split('\n').map((line, i) => {
      const here = found.filter((one) => one.line === i + 1)
      return <span key={i}><span id={found.length ? `line-${i + 1}` : undefined} class={`line ${line.trim().startsWith('#') ? 'comment' : ''} ${here.length ? 'flagged' : ''}`}>{line || ' '}{'\n'}</span>{here.map((one, j) => <span class="note" key={j}><Mark one={one} /> {one.text}{'\n'}</span>)}</span>
    })}</code></pre></Scroll>
  )
}
function Findings({ rows }: { rows: Finding[] }) {
  if (!rows.length) return <p class="row"><Icon name="check" />{t('noFindings')}</p>
  return (
    <ul class="plain-list lines">{rows.map((one, i) => (
      <li key={i} class="finding">
        <span class="row"><Mark one={one} />{one.line ? <a class="ds-link" href={`#line-${one.line}`} onClick={(event) => { event.preventDefault(); document.getElementById(`line-${one.line}`)?.scrollIntoView({ block: 'center' }) }}>{t('line', { line: one.line })}</a> : null}<span class="quiet mono">{one.rule}</span></span>
        <span>{one.text}{one.article ? <span class="quiet"> ({one.article})</span> : null}</span>
        {one.suggestion && <span class="row"><code>{one.suggestion}</code><Copy text={one.suggestion} /></span>}
      </li>
    ))}</ul>
  )
}
const problems = (error: unknown): Finding[] | undefined => (error as { problem?: { problems?: Finding[] } }).problem?.problems

/** What changed, both sides; then what each clause does to what is here. */
function Differences({ rows }: { rows: Difference[] }) {
  if (!rows.length) return <p class="quiet">{t('noDifference')}</p>
  const sides = (what: string) => { const [before = '', after = ''] = what.split(' -> ').map((side) => side.replace(/^\w+: /, '')); return [before, after] as const }
  return <Table label={t('differences')} columns={[t('clause'), t('was'), t('becomes'), t('weight')]} rows={rows.map((one) => {
    const [before, after] = sides(one.what)
    return [<code>{one.path}</code>, after ? <del>{before}</del> : '', after ? <ins>{after}</ins> : before, one.material ? <Tag color="warning">{t('material')}</Tag> : <span class="quiet">{t('immaterial')}</span>]
  })} />
}
function Effects({ effect }: { effect: Effect }) {
  return (
    <>
      <Alert color={effect.erases ? 'warning' : 'info'} title={t('effectTitle')}><p>{t('effect', { people: number(effect.people), closes: number(effect.closes), opens: number(effect.opens), erases: number(effect.erases) })}</p>{effect.untold > 0 && <p>{t('untold', { count: number(effect.untold) })}</p>}</Alert>
      {effect.clauses.length > 0 && <Table label={t('effectTitle')} columns={[t('clause'), `#${t('peopleCount')}`, `#${t('closes')}`, `#${t('opens')}`, `#${t('erases')}`]} rows={effect.clauses.map((one) => [<code>{one.clause}</code>, ...(one.fewer_than ? [t('fewer', { least: one.fewer_than }), '–', '–', '–'] : [one.people, one.closes, one.opens, one.erases].map((value) => number(value ?? 0)))])} />}
      <Heading small>{t('differences')}</Heading>
      <Differences rows={effect.diff} />
    </>
  )
}

function Draft({ text, again }: { text: string; again: () => void }) {
  const [draft, write] = useState('')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; effect?: Effect; found?: Finding[]; of?: string }>({})
  const doing = useAct(again)
  const [sure, tick] = useState(false)
  const [errors, refuse] = useState<Record<string, string>>({})
  const going = register.value?.works?.find((work) => work.what.includes('policy'))
  const preview = async () => {
    set({ busy: true })
    try { const effect = await post<Effect>('/v1/policy/preview', { policy: draft }); set({ effect, found: effect.problems ?? [], of: draft }) } catch (error) {
      const found = problems(error)
      set(found ? { found, of: draft } : { error })
    }
  }
  const apply = () => {
    if (!sure) return refuse({ 'apply-yes': t('errApply') })
    refuse({})
    void doing.act('/v1/policy/apply', { policy: state.of!, erases: state.effect!.erases })
  }
  const fresh = state.of === draft
  return (
    <Panel title={t('draftTitle')}>
      <p class="measure">{t('draftText')}</p>
      <Field id="draft" label={t('draft')} value={draft} onInput={write} long />
      <div class="row">
        <Button busy={state.busy} disabled={!draft.trim()} onClick={() => void preview()}>{t('preview')}</Button>
        <Button variant="tertiary" onClick={() => write(text)}>{t('fromCurrent')}</Button>
        <label class="ds-button file" data-variant="tertiary">{t('fromFile')}<input type="file" accept=".yaml,.yml" class="ds-sr-only" onChange={(event) => void event.currentTarget.files?.[0]?.text().then(write)} /></label>
      </div>
      {state.busy && <p role="status" class="stack tight"><progress aria-label={t('preview')} value={going?.looked} max={going?.of || 1} /><span class="quiet">{t('mayLeave')}</span></p>}
      <Trouble error={state.error} />
      <div role="status" class="stack">
        {state.effect && fresh && <Effects effect={state.effect} />}
        {state.found && <><Heading small>{t('findings')}</Heading><Findings rows={state.found} />{state.found.some((one) => one.line) && <Source text={state.of ?? ''} label={t('findings')} found={state.found} />}</>}
      </div>
      {state.effect && fresh && may.change() && (
        <div class="stack act">
          <Heading small>{t('applyTitle')}</Heading>
          <p class="measure">{Date.parse(state.effect.effective) > Date.parse(register.value?.now ?? '') ? t('announceText', { date: date(state.effect.effective) }) : t('applyText')}</p>
          <ErrorSummary errors={errors} />
          <Choice kind="checkbox" name="apply" value="yes" label={t('applySure', { count: number(state.effect.erases) })} checked={sure} onChange={tick} />
          <Outcome of={doing} />
          <div><Button color={state.effect.erases ? 'danger' : 'accent'} busy={doing.busy} onClick={apply}>{state.effect.erases ? t('applyErases', { count: number(state.effect.erases) }) : t('applyDo')}</Button></div>
        </div>
      )}
    </Panel>
  )
}

interface Changes { items: Record<string, { heading?: string; [name: string]: unknown }> }
const leaves = (value: unknown): string[] => Array.isArray(value) ? value.flatMap(leaves) : value && typeof value === 'object' ? Object.entries(value).filter(([name]) => name !== 'heading').flatMap(([, one]) => leaves(one)) : value === undefined || value === null ? [] : [String(value)]
/** Two versions that were applied, as people are told of the difference, and line by line. */
function Compare({ versions }: { versions: Version[] }) {
  const [said, say] = useQuery()
  const names = versions.map((one) => one.version), to = names.includes(said('to')) ? said('to') : names.at(-1)!, from = names.includes(said('from')) ? said('from') : names.at(-2)!
  return (
    <Panel title={t('compare')}>
      <div class="row reveal">
        <Select id="from" label={t('fromVersion')} value={from} options={names.map((one) => [one, one])} onChange={(one) => say({ from: one })} />
        <Select id="to" label={t('toVersion')} value={to} options={names.map((one) => [one, one])} onChange={(one) => say({ to: one })} />
      </div>
      <Compared key={`${from} ${to}`} from={from} to={to} />
    </Panel>
  )
}
function lineDiff(before: string[], after: string[]): [string, string][] {
  let head = 0, tail = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const a = before.slice(head, before.length - tail), b = after.slice(head, after.length - tail)
  if (a.length * b.length > 4e6) return [...a.map((line): [string, string] => ['-', line]), ...b.map((line): [string, string] => ['+', line])]
  // The longest common lines, from the end, so that reading forwards takes the first of equals.
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) best[i]![j] = a[i] === b[j] ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!)
  const rows: [string, string][] = before.slice(Math.max(0, head - 2), head).map((line) => [' ', line])
  let i = 0, j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { rows.push([' ', a[i]!]); i++; j++ } else if (j >= b.length || (i < a.length && best[i + 1]![j]! >= best[i]![j + 1]!)) rows.push(['-', a[i++]!]); else rows.push(['+', b[j++]!])
  }
  const whole = [...rows, ...after.slice(after.length - tail, after.length - tail + 2).map((line): [string, string] => [' ', line])]
  // Two lines around what changed; what lies between is left out, and says so.
  const near = whole.map((_, k) => whole.slice(Math.max(0, k - 2), k + 3).some(([sign]) => sign !== ' '))
  return whole.flatMap((row, k): [string, string][] => near[k] ? [row] : near[k - 1] || k === 0 ? [['…', '']] : [])
}
function Compared({ from, to }: { from: string; to: string }) {
  return <Loaded of={useLoad(async () => {
    const [before, after, told] = await Promise.all([post<{ policy: string }>('/v1/policy/text', { version: from }), post<{ policy: string }>('/v1/policy/text', { version: to }),
      get<Changes>(`/r/${register.value!.public}/changes?version=${encodeURIComponent(to)}&since=${encodeURIComponent(from)}&format=json&lang=${document.documentElement.lang}`).catch(() => undefined)])
    return { rows: lineDiff(before.policy.split('\n'), after.policy.split('\n')), told }
  })}>{({ rows, told }) => (
    <>
      {told && <More title={t('asTold')}>{Object.entries(told.items).filter(([, item]) => item.heading).map(([name, item]) => <div key={name}><Heading small>{item.heading}</Heading>{leaves(item).map((line, i) => <p key={i}>{line}</p>)}</div>)}</More>}
      <Scroll label={t('compare')}><pre class="source diff"><code>{rows.map(([sign, line], i) => <span key={i} class={`line ${sign === '+' ? 'plus' : sign === '-' ? 'minus' : ''}`}>{sign} {line}{'\n'}</span>)}</code></pre></Scroll>
    </>
  )}</Loaded>
}

function Versions({ versions, again }: { versions: Version[]; again: () => void }) {
  const doing = useAct(again)
  return (
    <Panel title={t('versions')}>
      <Table label={t('versions')} columns={[t('versionName'), t('status'), t('inForceFrom'), t('appliedAt'), t('hash'), '']} rows={[...versions].reverse().map((one) => [
        one.version, <Tag color={one.in_force ? 'success' : one.standing === 'announced' ? 'info' : 'neutral'}>{named('standing', one.standing)}</Tag>, date(one.effective), date(one.applied), <span class="mono">{one.hash.slice(0, 12)} <Copy text={one.hash} /></span>,
        one.standing === 'announced' && may.change() ? <Button variant="secondary" busy={doing.busy} onClick={() => void doing.act('/v1/policy/withdraw', { version: one.version })}>{t('takeBack')}</Button> : ''])} />
      <Outcome of={doing} />
    </Panel>
  )
}

export function Policy() {
  const loaded = useLoad(async () => {
    const { versions } = await get<{ versions: Version[] }>('/v1/policy')
    const current = versions.find((one) => one.in_force) ?? versions[0]!
    const whole = may.look() ? await post<{ policy: string; policy_file: string; problems: Finding[] }>('/v1/policy/text', { version: current.version }) : undefined
    return { versions, current, text: whole?.policy ?? '', found: (whole?.problems ?? []).filter((one) => !one.file || one.file === whole!.policy_file) }
  })
  return <Loaded of={loaded}>{({ versions, current, text, found }) => (
    <div class="stack wide-gap">
      <div class="stack tight"><Title>{t('policyTitle')}</Title><p class="quiet">{t('version', { version: current.version })} · {t('inForce', { date: date(current.effective) })} · <span class="mono">{current.hash.slice(0, 16)}</span> <Copy text={current.hash} /></p></div>
      <Versions versions={versions} again={loaded.again} />
      {may.administer() && <Draft text={text} again={loaded.again} />}
      {may.look() && versions.length > 1 && <Compare versions={versions} />}
      {text && <Panel title={t('findings')}><Findings rows={found} /></Panel>}
      {text && <Panel title={t('policyText')}><Source text={text} label={t('policyText')} found={found} /></Panel>}
    </div>
  )}</Loaded>
}
