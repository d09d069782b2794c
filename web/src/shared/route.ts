// The path below a page's first part is its view: "/mine/requests" shows "requests".
import { signal } from '@preact/signals'

const read = () => location.pathname.split('/').filter(Boolean).slice(1)
export const route = signal<string[]>(read())
addEventListener('popstate', () => { route.value = read() })

export function go(path: string) {
  history.pushState(null, '', path)
  route.value = read()
  scrollTo(0, 0)
}
/** Links of ours change the view; with a key held, in a new tab, or to elsewhere the browser follows them. */
export function followLinks(base: string) {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a')
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const href = link.getAttribute('href') ?? ''
    if (link.target || link.hasAttribute('download') || !(href === base || href.startsWith(base + '/'))) return
    event.preventDefault()
    go(href)
  })
}
