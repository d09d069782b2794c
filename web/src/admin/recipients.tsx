// To whom data goes, for what, to which country and on which ground: as rows with bars, and as a table.
import { useState } from 'preact/hooks'
import { get } from '../shared/api'
import { catalogue, date, list, number, plain, said } from '../shared/language'
import { Button, Copy, ErrorSummary, Field, Loaded, Tag, Title, Trouble, useLoad } from '../shared/ui'
import { all, called, may, type Party, type Recipient } from './data'
import { Chart, More, Outcome, Panel, Table, useAct } from './pieces'
import { named, t } from './words'

// ---- what recipients are to be told (article 19) ----

const w = catalogue({
  title: ['Mottakere som skal ha beskjed', 'Mottakarar som skal ha beskjed', 'Recipients to be told'],
  text: ['Det som rettes, slettes eller begrenses, skal alle som har fått det, få vite om (artikkel 19). Nevn personen med referansen, ikke med navn.', 'Det som blir retta, sletta eller avgrensa, skal alle som har fått det, få vite om (artikkel 19). Nemn personen med referansen, ikkje med namn.', 'Whoever was given data is told of what is put right, erased or restricted (article 19). Name the person by the reference, not by name.'],
  none: ['Ingen venter på beskjed. Når noe rettes, slettes eller begrenses, står de som har fått det, her.', 'Ingen ventar på beskjed. Når noko blir retta, sletta eller avgrensa, står dei som har fått det, her.', 'Nobody waits to be told. When something is put right, erased or restricted, those who were given it stand here.'],
  toldLook: ['Se hvem som har fått beskjed', 'Sjå kven som har fått beskjed', 'See who was told'],
  toldTitle: ['Har fått beskjed', 'Har fått beskjed', 'Told'],
  toldNobody: ['Ingen er registrert som varslet ennå.', 'Ingen er registrert som varsla enno.', 'Nobody is on record as told yet.'],
  proofOf: ['Bevis', 'Prov', 'Proof'],
  reference: ['Referanse {id}', 'Referanse {id}', 'Reference {id}'],
  tell: ['Registrer at de har fått beskjed', 'Registrer at dei har fått beskjed', 'Record that they were told'],
  proof: ['Hva beviser det?', 'Kva provar det?', 'What proves it?'],
  proofHelp: ['Hvilken melding, når, og hva de svarte. Ingen opplysninger om personen. Beholdes i tre år, og står i personens kopi.', 'Kva melding, når, og kva dei svarte. Ingen opplysningar om personen. Blir halde på i tre år, og står i kopien til personen.', 'Which message, when, and what they answered. No data of the person. Kept for three years, and shown in the person’s copy.'],
  errProof: ['Skriv hva som beviser at de har fått beskjed', 'Skriv kva som provar at dei har fått beskjed', 'Write what proves that they were told'],
  erasure: ['Slettet hos oss', 'Sletta hos oss', 'Erased here'], rectification: ['Rettet hos oss', 'Retta hos oss', 'Put right here'], restriction: ['Begrenset hos oss', 'Avgrensa hos oss', 'Restricted here'],
  lifting: ['Begrensningen er opphevet', 'Avgrensinga er oppheva', 'The restriction was lifted'], withdrawal: ['Samtykket er trukket', 'Samtykket er trekt', 'The consent was withdrawn'], objection: ['Personen har protestert', 'Personen har protestert', 'The person objected'],
})
const what = (name: string) => { try { return w(name as Parameters<typeof w>[0]) } catch { return plain(name) } }
interface Duty { record: string; what: string; since: string; reference: string; purpose?: string; fields: string[]; done?: string; proof?: string }
const dutiesOf = (party: string) => all<Duty>(`/v1/parties/${party}/duties?limit=200`, 'duties')
function OneDuty({ party, duty, again }: { party: string; duty: Duty; again: () => void }) {
  const doing = useAct(again)
  const [proof, say] = useState(''), [errors, refuse] = useState<Record<string, string>>({}), id = `proof-${duty.record}`
  const done = () => { if (proof.trim().length < 4) return refuse({ [id]: w('errProof') }); refuse({}); void doing.act(`/v1/parties/${party}/duties/${duty.record}/done`, { proof }) }
  return (
    <li class="finding">
      <div class="row apart"><span><strong>{what(duty.what)}</strong> <span class="quiet">{date(duty.since)}</span></span><span class="quiet mono">{w('reference', { id: duty.reference })} <Copy text={duty.reference} /></span></div>
      <span>{list([...new Set(duty.fields.map(called))])}</span>
      <More title={w('tell')}><div class="stack measure"><ErrorSummary errors={errors} /><Field id={id} label={w('proof')} help={w('proofHelp')} value={proof} onInput={say} error={errors[id]} /><Outcome of={doing} /><div><Button variant="secondary" busy={doing.busy} onClick={done}>{w('tell')}</Button></div></div></More>
    </li>
  )
}
function Duties({ parties }: { parties: Party[] }) {
  const loaded = useLoad(async () => {
    const tasks = await all<{ kind: string; dossier: string }>('/v1/tasks?limit=200', 'tasks')
    const waiting = [...new Set(tasks.filter((one) => one.kind === 'tell').map((one) => one.dossier))].filter((id) => parties.some((one) => one.party === id))
    return Promise.all(waiting.map(async (party) => ({ party, duties: (await dutiesOf(party)).filter((one) => !one.done) })))
  })
  return (
    <Panel title={w('title')}>
      <p class="quiet measure">{w('text')}</p>
      <Loaded of={loaded}>{(rows) => rows.length === 0 ? <p>{w('none')}</p> : <>{rows.map(({ party, duties }) => (
        <div key={party} class="stack"><h3 class="ds-heading" data-size="2xs">{parties.find((one) => one.party === party)?.name} <span class="quiet">{number(duties.length)}</span></h3>
          <ul class="plain-list lines">{duties.map((duty) => <OneDuty key={duty.record} party={party} duty={duty} again={loaded.again} />)}</ul></div>
      ))}</>}</Loaded>
      <ToldAlready parties={parties} />
    </Panel>
  )
}
function ToldAlready({ parties }: { parties: Party[] }) {
  const [rows, show] = useState<(Duty & { name: string })[] | undefined>(), [error, fail] = useState<unknown>()
  const look = () => void Promise.all(parties.map(async (one) => (await dutiesOf(one.party)).filter((duty) => duty.done).map((duty) => ({ ...duty, name: one.name })))).then((found) => show(found.flat().sort((a, b) => b.done!.localeCompare(a.done!))), fail)
  if (!rows) return <><Trouble error={error} />{parties.length > 0 && <div><Button variant="tertiary" onClick={look}>{w('toldLook')}</Button></div>}</>
  return rows.length === 0 ? <p class="quiet" role="status">{w('toldNobody')}</p> : <Table label={w('toldTitle')} columns={[t('recipient'), t('what'), t('when'), w('proofOf')]} rows={rows.map((one) => [one.name, <>{what(one.what)}<span class="block quiet mono wrap">{one.reference}</span></>, date(one.done!), one.proof ?? '–'])} />
}

interface Transfers { items: { home?: { text?: string[] }; outside?: { text?: string[] } } }
export function Recipients() {
  return <Loaded of={useLoad(async () => {
    const [{ recipients }, parties, transfers] = await Promise.all([get<{ recipients: Recipient[] }>('/v1/recipients'), all<Party>('/v1/parties?limit=200', 'parties'), get<Transfers>(`/v1/papers/transfers?format=json&lang=${document.documentElement.lang}`).catch(() => undefined)])
    return { recipients, parties, transfers }
  })}>{({ recipients, parties, transfers }) => (
    <div class="stack wide-gap">
      <Title>{t('recipients')}</Title>
      {recipients.length === 0 ? <p class="panel">{t('recipientsNone')}</p> : <>
        <Panel title={t('flow')}><Flow recipients={recipients} parties={parties} /></Panel>
        <Panel title={t('kindsTitle')}>
          <Table label={t('kindsTitle')} columns={[t('recipient'), t('why'), t('gives'), t('knownParties')]} rows={recipients.map((one) => {
            const named_ = parties.filter((party) => party.recipient === one.recipient)
            return [
              <>{said(one.says, one.recipient)}<span class="block quiet">{named('kind', one.kind)}</span>{one.closed && <Tag color="warning">{t('recipientClosed')}</Tag>}</>,
              one.purposes.map((row) => <span class="block" key={row.purpose}>{said(row.says, row.purpose)} <span class="quiet">{row.law ?? named('basis', row.basis)}</span></span>),
              list(one.categories.map(called)),
              named_.length ? named_.map((party) => party.name).join(', ') : <span class="quiet">{t('neverNamed')}</span>,
            ]
          })} />
        </Panel>
      </>}
      <Panel title={t('partiesTitle')}>
        {parties.length === 0 ? <p class="quiet">{t('partiesNone')}</p> : (
          <Table label={t('partiesTitle')} columns={[t('recipient'), t('kindOf'), t('country'), t('terms'), t('transferGround')]} rows={parties.map((one) => [
            one.name, named('kind', one.kind), where(one),
            one.agreements.length ? one.agreements.map((row) => <span class="block" key={row.type}>{plain(row.type)} {row.live ? <span class="quiet">{row.until ? t('until', { date: date(row.until) }) : t('noEnd')}</span> : <Tag color="danger">{t('lapsed')}</Tag>}</span>) : <span class="quiet">–</span>,
            !one.outside ? t('inside') : one.safeguards.some((row) => row.live) ? one.safeguards.filter((row) => row.live).map((row) => plain(row.type)).join(', ') : <Tag color="danger">{t('noGround')}</Tag>,
          ])} />
        )}
        {transfers?.items.home?.text?.map((line) => <p class="quiet" key={line}>{line}</p>)}
        {transfers?.items.outside?.text?.map((line) => <p class="quiet" key={line}>{line}</p>)}
      </Panel>
      {may.share() && <Duties parties={parties} />}
    </div>
  )}</Loaded>
}
const where = (one: Party) => one.place ?? (one.zone ? named('zone', one.zone) : '–')

/** Purpose, then recipient, then where: as wide as there are categories of data that go. */
function Flow({ recipients, parties }: { recipients: Recipient[]; parties: Party[] }) {
  const rows = recipients.flatMap((one) => one.purposes.map((purpose) => {
    const there = [...new Set(parties.filter((party) => party.recipient === one.recipient).map(where))]
    return { purpose: said(purpose.says, purpose.purpose), recipient: said(one.says, one.recipient), where: there.join(', ') || '–', data: one.categories.length, outside: parties.some((party) => party.recipient === one.recipient && party.outside) }
  }))
  const most = Math.max(1, ...rows.map((row) => row.data)), height = rows.length * 30 + 24
  const cut = (text: string, length: number) => text.length > length ? text.slice(0, length - 1) + '…' : text
  const label = t('flowLabel', { purposes: new Set(rows.map((row) => row.purpose)).size, recipients: recipients.length, outside: new Set(parties.filter((one) => one.outside).map((one) => one.party)).size })
  return (
    <Chart label={label} name={t('recipients').toLowerCase()} columns={[t('purposeFor'), t('recipient'), t('country'), `#${t('categories')}`]} rows={rows.map((row) => [row.purpose, row.recipient, row.where, row.data])}>
      <svg class="flow" viewBox={`0 0 640 ${height}`} role="img" aria-label={label}>
        <text class="value" x="0" y="14">{t('purposeFor')}</text><text class="value" x="330" y="14">{t('recipient')}</text><text class="value" x="540" y="14">{t('country')}</text>
        {rows.map((row, i) => { const y = i * 30 + 38, width = 2 + 12 * row.data / most; return (
          <g key={i}>
            <text x="0" y={y + 4}>{cut(row.purpose, 26)}</text>
            <path class={row.outside ? 'outside' : ''} d={`M190 ${y} C 250 ${y}, 270 ${y}, 322 ${y}`} stroke-width={width} />
            <text x="330" y={y + 4}>{cut(row.recipient, 27)}</text>
            <text x="540" y={y + 4}>{cut(row.where, 14)}</text>
          </g>
        ) })}
      </svg>
    </Chart>
  )
}
