// To whom data goes, for what, to which country and on which ground: as rows with bars, and as a table.
import { get } from '../shared/api'
import { date, list, plain, said } from '../shared/language'
import { Loaded, Tag, Title, useLoad } from '../shared/ui'
import { all, called, type Party, type Recipient } from './data'
import { Chart, Panel, Table } from './pieces'
import { named, t } from './words'

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
              one.purposes.map((row) => <span class="block" key={row.purpose}>{called(row.purpose)} <span class="quiet">{row.law ?? named('basis', row.basis)}</span></span>),
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
    </div>
  )}</Loaded>
}
const where = (one: Party) => one.place ?? (one.zone ? named('zone', one.zone) : '–')

/** Purpose, then recipient, then where: as wide as there are categories of data that go. */
function Flow({ recipients, parties }: { recipients: Recipient[]; parties: Party[] }) {
  const rows = recipients.flatMap((one) => one.purposes.map((purpose) => {
    const there = [...new Set(parties.filter((party) => party.recipient === one.recipient).map(where))]
    return { purpose: called(purpose.purpose), recipient: said(one.says, one.recipient), where: there.join(', ') || '–', data: one.categories.length, outside: parties.some((party) => party.recipient === one.recipient && party.outside) }
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
