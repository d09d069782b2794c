// A package of npm holds no links: they are named in a file of each, and made here rather than by a script of its own.
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

for (const folder of process.argv.slice(2)) {
  for (const { source, target } of JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8'))) {
    const link = join(folder, dirname(source), basename(target))
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}
