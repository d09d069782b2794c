// What is done to a person's dossier as a whole: a restriction is lifted, files are had and replaced, two are made one, one two.
import { useState } from 'preact/hooks'
import { get, post, send } from '../shared/api'
import { catalogue, date, list, number, said } from '../shared/language'
import { go } from '../shared/route'
import { Alert, Button, Choice, ErrorSummary, Field, save, Trouble } from '../shared/ui'
import type { Item, Overview as View } from '../mine/data'
import { called, may } from './data'
import { More, Outcome, Panel, Select, short, Table, useAct } from './pieces'
import { t } from './words'

const w = catalogue({
  limits: ['Begrensninger', 'Avgrensingar', 'Restrictions'],
  limitsNone: ['Ingenting er begrenset. En begrensning settes fra en sak, og oppheves her.', 'Ingenting er avgrensa. Ei avgrensing blir sett frå ei sak, og oppheva her.', 'Nothing is restricted. A restriction is made from a request, and lifted here.'],
  everything: ['Alle opplysninger', 'Alle opplysningar', 'All data'],
  tellFirst: ['Personen skal ha beskjed før begrensningen oppheves (artikkel 18 nr. 3).', 'Personen skal ha beskjed før avgrensinga blir oppheva (artikkel 18 nr. 3).', 'The person is told before a restriction is lifted (article 18(3)).'],
  told: ['Personen har fått beskjed', 'Personen har fått beskjed', 'The person was told'],
  toldYes: ['Beskjed gitt', 'Beskjed gitt', 'Told'],
  toldNo: ['Ikke varslet', 'Ikkje varsla', 'Not told'],
  lift: ['Opphev begrensningen', 'Opphev avgrensinga', 'Lift the restriction'],
  liftText: ['Når den er opphevet, kan opplysningene brukes igjen til formålene sine, og det som har gått ut, slettes.', 'Når ho er oppheva, kan opplysningane brukast igjen til formåla sine, og det som har gått ut, blir sletta.', 'Once lifted, the data may be used again for its purposes, and what has ended is erased.'],
  files: ['Filer', 'Filer', 'Files'],
  download: ['Last ned', 'Last ned', 'Download'],
  downloadText: ['Hver nedlasting er et oppslag for et formål: den står i loggen, og personen ser den.', 'Kvar nedlasting er eit oppslag for eit formål: ho står i loggen, og personen ser ho.', 'Each download is a look for a purpose: it is in the log, and the person sees it.'],
  replace: ['Bytt ut med en riktig fil', 'Byt ut med ei rett fil', 'Replace it by a right file'],
  replaceText: ['Den gamle filen slettes når den nye er kommet helt inn. De som har fått den gamle, skal ha beskjed.', 'Den gamle fila blir sletta når den nye er komen heilt inn. Dei som har fått den gamle, skal ha beskjed.', 'The old file goes once the new one has come in whole. Whoever was given the old one is to be told.'],
  chooseFile: ['Velg fil', 'Vel fil', 'Choose a file'],
  errFile: ['Velg en fil på høyst 32 MB', 'Vel ei fil på høgst 32 MB', 'Choose a file of at most 32 MB'],
  two: ['Samme person, eller to?', 'Same person, eller to?', 'One person, or two?'],
  merge: ['Slå sammen med en annen', 'Slå saman med ein annan', 'Join with another'],
  mergeText: ['Alt om den andre blir denne personens, nøklene til den andre ødelegges, og det kan ikke angres. Det strengeste ønsket gjelder.', 'Alt om den andre blir denne personen sitt, nøklane til den andre blir øydelagde, og det kan ikkje gjerast om. Det strengaste ønsket gjeld.', 'All about the other becomes this person’s, the other’s keys are destroyed, and it cannot be undone. The stricter wish wins.'],
  other: ['Den andre personens id', 'Id-en til den andre personen', 'The other person’s id'],
  split: ['Del i to', 'Del i to', 'Split in two'],
  splitText: ['Det du velger, blir en ny persons. Mottakere som har fått det, skal ha beskjed.', 'Det du vel, blir ein ny person sitt. Mottakarar som har fått det, skal ha beskjed.', 'What you choose becomes a new person’s. Recipients who were given it are to be told.'],
  splitWhat: ['Hva som er en annens', 'Kva som er ein annan sitt', 'What is somebody else’s'],
  preview: ['Se hva det gjør', 'Sjå kva det gjer', 'See what it does'],
  moves: ['{items} opplysninger, {evidence} registreringer og {roles} roller flyttes. {ends} opplysninger tar slutt straks.', '{items} opplysningar, {evidence} registreringar og {roles} roller blir flytta. {ends} opplysningar tek slutt straks.', '{items} items, {evidence} pieces of evidence and {roles} roles move. {ends} items end at once.'],
  differ: ['Hvor de er ulike', 'Kvar dei er ulike', 'In what they differ'],
  differNone: ['De er ikke ulike i noe som må veies.', 'Dei er ikkje ulike i noko som må vegast.', 'They do not differ in anything to be weighed.'],
  becomes: ['Slik blir det', 'Slik blir det', 'How it comes out'],
  values: ['To verdier: begge blir', 'To verdiar: begge blir', 'Two values: both stay'],
  company: ['Nytt selskap får opplysninger her', 'Nytt selskap får opplysningar her', 'Items of a company that held nothing here'],
  no: ['Et nei gjelder heretter for begge', 'Eit nei gjeld heretter for begge', 'A no holds for the one person'],
  consent_ends: ['Et samtykke tar slutt', 'Eit samtykke tek slutt', 'A consent ends'],
  child: ['Samtykker tar slutt: den ene er et barn', 'Samtykke tek slutt: den eine er eit barn', 'Consents end: one is a child'],
  restriction: ['Begrenset heretter', 'Avgrensa heretter', 'Restricted from now on'],
  claim: ['Holdes tilbake heretter', 'Blir halde tilbake heretter', 'Held from now on'],
  erasure_asked: ['Sletting er bedt om', 'Sletting er beden om', 'An erasure was asked for'],
  death: ['Registrert død', 'Registrert død', 'Recorded as dead'],
  limit: ['Kan ikke brukes eller leve mer enn før', 'Kan ikkje brukast eller leve meir enn før', 'May serve and live no more than before'],
  reason: ['Begrunnelse', 'Grunngiving', 'Reasons'],
  reasonHelp: ['Lagres forseglet, sammen med den gamle referansen.', 'Blir lagra forsegla, saman med den gamle referansen.', 'Kept sealed, with the old reference.'],
  errReason: ['Skriv hvorfor', 'Skriv kvifor', 'Write why'],
  errOther: ['Skriv id-en til den andre', 'Skriv id-en til den andre', 'Write the id of the other'],
  errItems: ['Velg minst én opplysning', 'Vel minst éi opplysning', 'Choose at least one item'],
  mergeDo: ['Slå sammen nå', 'Slå saman no', 'Join now'],
  splitDo: ['Del nå', 'Del no', 'Split now'],
  isDone: ['Det er gjort, og står i loggen.', 'Det er gjort, og står i loggen.', 'It is done, and in the log.'],
  becameNew: ['Den nye personen', 'Den nye personen', 'The new person'],
})
type Said = Parameters<typeof w>[0]

export interface Restriction { record: string; since: string; told: boolean; fields: string[] }
function Limited({ subject, one, again }: { subject: string; one: Restriction; again: () => void }) {
  const doing = useAct(again), path = `/v1/subjects/${subject}/restrictions/${one.record}`
  return (
    <li class="finding">
      <div class="row apart"><span>{one.fields.length ? list(one.fields.map(called)) : w('everything')} <span class="quiet">{t('since').toLowerCase()} {date(one.since)}</span></span><span class="quiet">{one.told ? w('toldYes') : w('toldNo')}</span></div>
      <Outcome of={doing} />
      {may.officer() && <><p class="quiet measure">{one.told ? w('liftText') : w('tellFirst')}</p>
        <div>{one.told ? <Button variant="secondary" busy={doing.busy} onClick={() => void doing.act(`${path}/lift`)}>{w('lift')}</Button> : <Button variant="secondary" busy={doing.busy} onClick={() => void doing.act(`${path}/tell`)}>{w('told')}</Button>}</div></>}
    </li>
  )
}
export function Restrictions({ subject, rows, again }: { subject: string; rows: Restriction[]; again: () => void }) {
  return <Panel title={w('limits')}>{rows.length ? <ul class="plain-list lines">{rows.map((one) => <Limited key={one.record} subject={subject} one={one} again={again} />)}</ul> : <p class="quiet">{w('limitsNone')}</p>}</Panel>
}

// ---- files ----

const MOST = 32 * 1024 * 1024
function OneFile({ subject, item, again }: { subject: string; item: Item; again: () => void }) {
  const doing = useAct(again)
  const [purpose, choose] = useState(item.purposes[0]?.purpose ?? ''), [file, take] = useState<File | undefined>()
  const [error, fail] = useState<unknown>(), [errors, refuse] = useState<Record<string, string>>({})
  const id = `file-${item.id}`, path = `/v1/subjects/${subject}/files/${item.id}`
  const download = async () => {
    fail(undefined)
    try {
      const answer = await send('POST', `${path}/read`, { purpose })
      await save(answer, /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? item.field)
    } catch (problem) { fail(problem) }
  }
  const replace = async () => {
    if (!file || file.size === 0 || file.size > MOST) return refuse({ [id]: w('errFile') })
    refuse({})
    const opened = await doing.act<{ record: string }>(`${path}/rectify`, { media: file.type || 'application/octet-stream', name: file.name, size: file.size })
    if (!opened) return
    try { await send('PUT', `/v1/subjects/${subject}/files/${opened.record}/bytes`, file); again() } catch (problem) { fail(problem) }
  }
  return (
    <li class="finding">
      <strong>{said(item.says, item.field)}</strong>
      <span class="quiet">{date(item.collected)}</span>
      <Trouble error={error} />
      {may.read() && <div class="row reveal"><Select id={`${id}-for`} label={t('purposeFor')} value={purpose} options={item.purposes.map((one) => [one.purpose, called(one.purpose)])} onChange={choose} /><Button variant="secondary" onClick={() => void download()}>{w('download')}</Button></div>}
      {may.correct() && may.collect() && <More title={w('replace')}><div class="stack measure"><p>{w('replaceText')}</p><ErrorSummary errors={errors} />
        <div class="ds-field"><label class="ds-label" data-weight="medium" for={id}>{w('chooseFile')}</label><input class="ds-input" id={id} type="file" onChange={(event) => take(event.currentTarget.files?.[0])} /></div>
        <Outcome of={doing} /><div><Button variant="secondary" busy={doing.busy} onClick={() => void replace()}>{w('replace')}</Button></div></div></More>}
    </li>
  )
}
export function Files({ subject, view, again }: { subject: string; view: View; again: () => void }) {
  const rows = view.items.filter((item) => item.kind === 'file')
  if (!rows.length) return null
  return <Panel title={w('files')}><p class="quiet measure">{w('downloadText')}</p><ul class="plain-list lines">{rows.map((item) => <OneFile key={item.id} subject={subject} item={item} again={again} />)}</ul></Panel>
}

// ---- two are one, one is two ----

interface Effect { subject?: string; done: boolean; items: number; evidence: number; roles: number; ends: number; conflicts: { kind: string; name?: string; count: number }[] }
/** Looks first; then does just what was looked at, with the reasons. */
function useWeighed(path: string, after: (effect: Effect) => void) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; effect?: Effect; done?: boolean }>({})
  const ask = async (body: object) => {
    set({ ...state, busy: true, error: undefined })
    try { const effect = await post<Effect>(path, body); if (effect.done) after(effect); set(effect.done ? { done: true } : { effect }) } catch (error) { set({ error }) }
  }
  return { ...state, look: (body: object) => ask({ ...body, preview: true }), act: (body: object) => ask({ ...body, conflicts: state.effect?.conflicts.length ?? 0 }), clear: () => set({}) }
}
function Weighed({ effect }: { effect: Effect }) {
  return (
    <div class="stack" role="status">
      <p>{w('moves', { items: number(effect.items), evidence: number(effect.evidence), roles: number(effect.roles), ends: number(effect.ends) })}</p>
      {effect.conflicts.length === 0 ? <p class="quiet">{w('differNone')}</p> : <Table label={w('differ')} columns={[w('differ'), w('becomes'), `#${t('count')}`]} rows={effect.conflicts.map((one) => [one.name ? called(one.name) : '–', w(one.kind as Said), number(one.count)])} />}
    </div>
  )
}
function Doing({ id, weighed, what, body, text }: { id: string; weighed: ReturnType<typeof useWeighed>; what: () => Record<string, string>; body: () => object; text: string }) {
  const [reason, say] = useState(''), [errors, refuse] = useState<Record<string, string>>({})
  const look = () => { const wrong = what(); refuse(wrong); if (!Object.keys(wrong).length) void weighed.look(body()) }
  const act = () => { const wrong = { ...what(), ...(reason.trim().length < 4 ? { [`${id}-why`]: w('errReason') } : {}) }; refuse(wrong); if (!Object.keys(wrong).length) void weighed.act({ ...body(), reason }) }
  return (
    <>
      <ErrorSummary errors={errors} />
      <Trouble error={weighed.error} />
      {weighed.done && <p role="status">{w('isDone')}</p>}
      {weighed.effect && <><Weighed effect={weighed.effect} /><Field id={`${id}-why`} label={w('reason')} help={w('reasonHelp')} value={reason} onInput={say} error={errors[`${id}-why`]} long /></>}
      <div class="row"><Button variant="secondary" busy={weighed.busy} onClick={look}>{w('preview')}</Button>{weighed.effect && <Button color="danger" busy={weighed.busy} onClick={act}>{text}</Button>}</div>
    </>
  )
}
function Merge({ subject, again }: { subject: string; again: () => void }) {
  const weighed = useWeighed(`/v1/subjects/${subject}/merge`, again)
  const [from, name] = useState('')
  return <div class="stack measure"><p>{w('mergeText')}</p><Field id="merge-from" label={w('other')} value={from} onInput={(text) => { name(text.trim()); weighed.clear() }} />
    <Doing id="merge" weighed={weighed} text={w('mergeDo')} what={(): Record<string, string> => from.length === 22 ? {} : { 'merge-from': w('errOther') }} body={() => ({ from })} /></div>
}
function Split({ subject, view, again }: { subject: string; view: View; again: () => void }) {
  const [made, show] = useState<string | undefined>()
  const weighed = useWeighed(`/v1/subjects/${subject}/split`, (effect) => { show(effect.subject); again() })
  const [items, choose] = useState<string[]>([])
  return (
    <div class="stack measure"><p>{w('splitText')}</p>
      <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{w('splitWhat')}</legend>
        {view.items.map((item) => <Choice key={item.id} kind="checkbox" name="split" value={item.id} label={`${said(item.says, item.field)} (${date(item.collected)})`} checked={items.includes(item.id)} onChange={(yes) => { weighed.clear(); choose(yes ? [...items, item.id] : items.filter((one) => one !== item.id)) }} />)}</fieldset>
      {made && <Alert color="success" title={w('becameNew')} live><p><button type="button" class="copy" onClick={() => go(`/admin/people/${made}`)}>{short(made)}</button></p></Alert>}
      <Doing id="split" weighed={weighed} text={w('splitDo')} what={(): Record<string, string> => items.length ? {} : { [`split-${view.items[0]?.id}`]: w('errItems') }} body={() => ({ items })} /></div>
  )
}
export function OneOrTwo({ subject, view, again }: { subject: string; view: View; again: () => void }) {
  if (!may.officer()) return null
  return <Panel title={w('two')}><div><More title={w('merge')}><Merge subject={subject} again={again} /></More>{view.items.length > 0 && <More title={w('split')}><Split subject={subject} view={view} again={again} /></More>}</div></Panel>
}

// ---- whom one identifier leads to, both ----

interface Pair { one: string; other: string; by: string }
export function Duplicates() {
  const [state, set] = useState<{ pairs?: Pair[]; error?: unknown }>({})
  const look = () => void get<{ pairs: Pair[] }>('/v1/duplicates?limit=200').then(({ pairs }) => set({ pairs }), (error: unknown) => set({ error }))
  return (
    <Panel title={d('title')}>
      <p class="quiet measure">{d('text')}</p>
      <Trouble error={state.error} />
      {!state.pairs ? <div><Button variant="secondary" onClick={look}>{d('look')}</Button></div> : state.pairs.length === 0 ? <p role="status">{d('none')}</p> : (
        <Table label={d('title')} columns={[d('one'), d('other'), d('by')]} rows={state.pairs.map((pair) => [<a class="ds-link mono" href={`/admin/people/${pair.one}`}>{short(pair.one)}</a>, <a class="ds-link mono" href={`/admin/people/${pair.other}`}>{short(pair.other)}</a>, pair.by === 'number' ? t('kindNumber') : called(pair.by)])} />
      )}
    </Panel>
  )
}
const d = catalogue({
  title: ['Kan være én person', 'Kan vere éin person', 'May be one person'],
  text: ['Ett kjennetegn leder til begge. Det beviser ingenting: se på begge før de slås sammen.', 'Eitt kjenneteikn leier til begge. Det prover ingenting: sjå på begge før dei blir slått saman.', 'One identifier leads to both. That proves nothing: look at both before they are joined.'],
  look: ['Se etter', 'Sjå etter', 'Look for them'],
  none: ['Ingen kjennetegn leder til to personer.', 'Ingen kjenneteikn leier til to personar.', 'No identifier leads to two people.'],
  one: ['Den ene', 'Den eine', 'One'],
  other: ['Den andre', 'Den andre', 'The other'],
  by: ['Felles', 'Felles', 'In common'],
})
