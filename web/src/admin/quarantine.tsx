// What came in and may not be had: that it is there, never what it says. It is let in through a form's gates, or it goes.
import { useState } from 'preact/hooks'
import { get } from '../shared/api'
import { catalogue, date, moment, plain, said, type Says } from '../shared/language'
import { Button, Choice, ErrorSummary, Field, Loaded, Tag, Title, useLoad } from '../shared/ui'
import { all, called, may } from './data'
import { More, Outcome, Panel, Select, useAct } from './pieces'
import { named, t } from './words'

const w = catalogue({
  text: ['Innhold som policyen ikke lar noen ha, legges her uten at noen får lese det. Gjør dere ingenting, slettes det av seg selv.', 'Innhald som policyen ikkje lèt nokon ha, blir lagt her utan at nokon får lese det. Gjer de ingenting, blir det sletta av seg sjølv.', 'Content that the policy lets nobody have is put here, and nobody reads it. If you do nothing, it goes by itself.'],
  none: ['Ingenting er satt til side. Det som ikke skulle ha kommet, havner her, for eksempel helseopplysninger i et kontaktskjema.', 'Ingenting er sett til side. Det som ikkje skulle ha kome, hamnar her, til dømes helseopplysningar i eit kontaktskjema.', 'Nothing is put aside. What should not have come ends up here, as health data in a contact form.'],
  goes: ['Slettes av seg selv {date}', 'Blir sletta av seg sjølv {date}', 'Goes by itself on {date}'],
  decide: ['Avgjør', 'Avgjer', 'Decide'],
  erase: ['Slett det nå', 'Slett det no', 'Erase it now'],
  eraseHelp: ['Ingen har lest det, og ingen kan lese det etterpå.', 'Ingen har lese det, og ingen kan lese det etterpå.', 'Nobody has read it, and nobody can afterwards.'],
  release: ['Slipp det inn der det hører hjemme', 'Slepp det inn der det høyrer heime', 'Let it in where it belongs'],
  releaseHelp: ['Det må gjennom et skjemas regler: tar ikke skjemaet imot slikt, blir svaret nei.', 'Det må gjennom reglane til eit skjema: tek ikkje skjemaet imot slikt, blir svaret nei.', 'It has to pass a form’s gates: where the form takes no such thing, the answer is no.'],
  form: ['Skjema', 'Skjema', 'Form'],
  field: ['Felt', 'Felt', 'Field'],
  doErase: ['Slett', 'Slett', 'Erase'],
  doRelease: ['Slipp inn', 'Slepp inn', 'Let in'],
  errReasons: ['Skriv hvorfor', 'Skriv kvifor', 'Write why'],
  sealed: ['Lagres forseglet.', 'Blir lagra forsegla.', 'Kept sealed.'],
  by: ['{channel}, i {form}', '{channel}, i {form}', '{channel}, in {form}'],
})

interface Kept { id: string; subject?: string; category: string; field?: string; intake?: string; channel?: string; since: string; ends: string }
interface Intake { intake: string; says?: Says; fields: { field: string; says?: Says }[] }

function Decide({ one, intakes, again }: { one: Kept; intakes: Intake[]; again: () => void }) {
  const doing = useAct(again)
  const [outcome, choose] = useState<'erase' | 'release'>('erase'), [reasons, say] = useState(''), [errors, refuse] = useState<Record<string, string>>({})
  const [form, use] = useState(one.intake ?? intakes[0]?.intake ?? '')
  const fields = intakes.find((row) => row.intake === form)?.fields ?? []
  const [field, into] = useState('')
  const where = fields.some((row) => row.field === field) ? field : fields[0]?.field ?? '', id = `q-${one.id}`
  const decide = () => {
    if (reasons.trim().length < 4) return refuse({ [id]: w('errReasons') })
    refuse({})
    void doing.act(`/v1/quarantine/${one.id}/decision`, outcome === 'release' ? { release: true, intake: form, field: where, reasons } : { reasons })
  }
  return (
    <More title={w('decide')}><div class="stack measure">
      <ErrorSummary errors={errors} />
      <fieldset class="ds-fieldset"><legend class="ds-sr-only">{w('decide')}</legend>
        <Choice name={`${id}-do`} value="erase" label={w('erase')} help={w('eraseHelp')} checked={outcome === 'erase'} onChange={() => choose('erase')} />
        <Choice name={`${id}-do`} value="release" label={w('release')} help={w('releaseHelp')} checked={outcome === 'release'} onChange={() => choose('release')} /></fieldset>
      {outcome === 'release' && <>
        <Select id={`${id}-form`} label={w('form')} value={form} options={intakes.map((row) => [row.intake, said(row.says, row.intake)])} onChange={use} />
        <Select id={`${id}-field`} label={w('field')} value={where} options={fields.map((row) => [row.field, said(row.says, row.field)])} onChange={into} /></>}
      <Field id={id} label={t('reasons')} help={w('sealed')} value={reasons} onInput={say} error={errors[id]} />
      <Outcome of={doing} />
      <div><Button color={outcome === 'erase' ? 'danger' : 'accent'} busy={doing.busy} onClick={decide}>{outcome === 'erase' ? w('doErase') : w('doRelease')}</Button></div>
    </div></More>
  )
}

export function Quarantine() {
  const loaded = useLoad(async () => {
    const [rows, { intakes }] = await Promise.all([all<Kept>('/v1/quarantine?limit=200', 'quarantine'), get<{ intakes: Intake[] }>('/v1/intakes')])
    return { rows, intakes }
  })
  return (
    <div class="stack wide-gap">
      <Title>{t('quarantine')}</Title>
      <p class="measure">{w('text')}</p>
      <Loaded of={loaded}>{({ rows, intakes }) => rows.length === 0 ? <p class="panel">{w('none')}</p> : (
        <ul class="plain-list stack">{rows.map((one) => (
          <li key={one.id}><Panel title={called(one.category)} aside={<Tag color="warning">{w('goes', { date: date(one.ends) })}</Tag>}>
            <p class="quiet">{moment(one.since)} · {w('by', { channel: one.channel ? named('channel', one.channel) : '–', form: one.intake ? said(intakes.find((row) => row.intake === one.intake)?.says, one.intake) : plain(one.field ?? '–') })}{one.subject && <> · <a class="ds-link" href={`/admin/people/${one.subject}`}>{t('theOne')}</a></>}</p>
            {may.officer() && <Decide one={one} intakes={intakes} again={loaded.again} />}
          </Panel></li>
        ))}</ul>
      )}</Loaded>
    </div>
  )
}
