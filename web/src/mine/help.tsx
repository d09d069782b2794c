// Whom to ask, and what to do when one asks for another, or cannot sign in. Stands also where nobody is signed in.
import { session } from '../shared/api'
import { Loaded, Title, useLoad } from '../shared/ui'
import { type Contact, loadOverview, type Overview } from './data'
import { firm } from './parts'
import { type Key, t } from './words'

const kinds = { email: 'mailto:', phone: 'tel:', web: '', self_service: '', post: undefined, supervisor: undefined } as const
function href({ kind, at = '' }: Contact): string | undefined {
  const scheme = kinds[kind]
  if (scheme === undefined) return undefined
  if (scheme) return scheme + (kind === 'phone' ? at.replace(/[^+\d]/g, '') : at)
  return /^https?:/.test(at) ? at : `https://${at}`
}

function Contacts({ view }: { view: Overview }) {
  const contacts = view.contacts.filter((one) => one.kind !== 'supervisor')
  return (
    <dl class="facts">
      {contacts.map((one) => (
        <div key={one.id}>
          <dt>{t(`contact_${one.kind}` as Key)}{one.role === 'dpo' && `, ${t('role_dpo')}`}</dt>
          <dd>{href(one) ? <a class="ds-link" href={href(one)} rel="noreferrer">{one.at}</a> : one.at}</dd>
        </div>
      ))}
    </dl>
  )
}

const paths = ['lost', 'child', 'guardian', 'dead', 'protected'] as const

function Sections({ view, register }: { view?: Overview; register: string | null }) {
  return (
    <div class="stack wide-gap">
      <Title>{t('helpTitle')}</Title>
      <section class="panel stack">
        <h2 class="ds-heading" data-size="xs">{t('helpContact')}{view && `: ${firm(view)}`}</h2>
        <p class="measure">{t('helpContactText')}</p>
        {view ? <Contacts view={view} /> : register && <p>{t('helpNotice')} <a class="ds-link" href={`/r/${register}/notice`}>{t('notice')}</a></p>}
        {view && <p><a class="ds-link" href="/mine/correct">{t('helpWrite')}</a></p>}
      </section>
      {paths.map((one) => (
        <section class="stack" key={one}>
          <h2 class="ds-heading" data-size="xs">{t(`${one}Title`)}</h2>
          <p class="measure">{t(`${one}Text`)}</p>
        </section>
      ))}
    </div>
  )
}

const SignedIn = ({ register }: { register: string | null }) => <Loaded of={useLoad(loadOverview)}>{(view) => <Sections view={view} register={register} />}</Loaded>
export const Help = ({ register }: { register: string | null }) => session.value?.subject ? <SignedIn register={register} /> : <Sections register={register} />
