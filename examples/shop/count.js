// Counts the pages that a visitor sees, in the cookie that the policy calls `statistics`. It is held back until there is a yes.
const seen = Number(document.cookie.match(/(?:^|; )statistics=(\d+)/)?.[1] ?? 0) + 1
document.cookie = `statistics=${seen}; path=/; max-age=${183 * 86400}; samesite=lax`
document.documentElement.dataset.seen = String(seen)
