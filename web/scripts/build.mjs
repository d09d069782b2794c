// build.mjs FOLDER: types, Vite, then the table for the binary.
//
//   src/*.tsx --vite--> FOLDER/dist --> FOLDER/pages.S    every file plain, gzip and brotli
//                                       FOLDER/pages.inc  their names, digests and policies
//
// The same sources and packages give the same bytes, in any folder.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const web = resolve(import.meta.dirname, '..')
const folder = resolve(process.argv[2] ?? join(web, 'dist'))
const dist = join(folder, 'dist')
const names = readdirSync(web).filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -5)).sort()
const media = {
  js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml',
  woff2: 'font/woff2', html: 'text/html; charset=utf-8',
}
const integrity = (bytes) => 'sha384-' + createHash('sha384').update(bytes).digest('base64')

// Every module of the graph by its digest: one that is fetched later is held against it, too.
function importMap(assets) {
  const entries = assets.filter(({ name }) => name.endsWith('.js')).map(({ name, bytes }) => [`/assets/${name}`, integrity(bytes)])
  return JSON.stringify({ integrity: Object.fromEntries(entries) })
}

function withIntegrity(html, assets) {
  return html.replace(/<(script|link)\b[^>]*?(?:src|href)="\/assets\/([^"]+)"[^>]*>/g, (tag, _, name) => {
    const asset = assets.find((one) => one.name === name)
    if (!asset) throw new Error(`${name} is not there`)
    return /rel="icon"/.test(tag) ? tag : tag.replace(/>$/, ` integrity="${integrity(asset.bytes)}">`)
  })
}

function policy(map) {
  const hash = createHash('sha256').update(map).digest('base64')
  return ["default-src 'none'", `script-src 'self' 'sha256-${hash}'`, "style-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types 'none'"].join('; ')
}

function page(name, assets) {
  const map = importMap(assets)
  const html = readFileSync(join(dist, name + '.html'), 'utf8').replace(/<meta charset="utf-8" ?\/?>/, (charset) =>
    `${charset}\n    <script type="importmap">${map}</script>`)
  return { path: '/' + name, bytes: Buffer.from(withIntegrity(html, assets)), type: 'html', policy: policy(map) }
}

const brotli = (bytes) => brotliCompressSync(bytes, { params: {
  [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
const forms = [['plain', (bytes) => bytes], ['gz', (bytes) => gzipSync(bytes, { level: 9 })], ['br', brotli]]

// A symbol at the start and at the end of each form; the linker knows the lengths.
function write(files) {
  const assembly = ['    .section .rodata'], externs = [], rows = []
  files.forEach((file, i) => {
    const symbols = forms.map(([form, make]) => {
      const symbol = `page_${i}_${form}`, path = join(folder, 'forms', symbol)
      writeFileSync(path, make(file.bytes))
      assembly.push(`    .global ${symbol}, ${symbol}_end`, `    .hidden ${symbol}, ${symbol}_end`,
        `${symbol}:`, `    .incbin "${path}"`, `${symbol}_end:`, '    .byte 0')
      externs.push(`extern const unsigned char ${symbol}[], ${symbol}_end[];`)
      return `{${symbol}, ${symbol}_end}`
    })
    const digest = createHash('sha256').update(file.bytes).digest('hex').slice(0, 32)
    rows.push(`    {"${file.path}", "${media[file.type]}", "${digest}",\n     ${file.policy ? JSON.stringify(file.policy) : 'NULL'}, ` +
      `${file.policy || file.stays ? 'false' : 'true'},\n     {${symbols.join(', ')}}},`)
  })
  writeFileSync(join(folder, 'pages.S'), assembly.concat('    .section .note.GNU-stack,"",%progbits', '').join('\n'))
  writeFileSync(join(folder, 'pages.inc'), [...externs, 'static const struct site_file pages[] = {', ...rows, '};',
    'const struct site site_built = {pages, sizeof(pages) / sizeof(pages[0])};', ''].join('\n'))
}

execFileSync(process.execPath, [join(web, 'node_modules/typescript/bin/tsc'), '-p', web], { stdio: 'inherit' })
rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'forms'), { recursive: true })
await build({ root: web, logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } })
const assets = readdirSync(join(dist, 'assets')).sort().map((name) => ({ name, bytes: readFileSync(join(dist, 'assets', name)) }))
const files = assets.map(({ name, bytes }) => ({ path: '/assets/' + name, bytes, type: name.split('.').at(-1) }))
// What the server writes itself names its sheet, so that the name stays and the bytes are asked for anew.
files.push({ path: '/assets/pages.css', bytes: readFileSync(join(web, 'src/pages.css')), type: 'css', stays: true })
files.push(...names.map((name) => page(name, assets)))
// The banner's script; the server writes before it what the policy says (src/api/consent_script.c).
const [{ output: [{ code }] }] = await build({ root: web, configFile: false, logLevel: 'warn', build: { write: false, target: 'es2022', cssTarget: 'esnext',
  lib: { entry: join(web, 'src/consent/consent.ts'), formats: ['es'] }, minify: true, rollupOptions: { output: { minify: true } } } })
files.push({ path: '/consent.js', bytes: Buffer.from(code), type: 'js', stays: true })
write(files)
// What a first visit takes over the wire, the font apart: it comes once for both, and text is there before it.
const BUDGET = { mine: 50_000, admin: 60_000 }
for (const name of names) {
  const html = files.find((file) => file.path === '/' + name)
  const parts = assets.filter((asset) => html.bytes.includes(asset.name) && !asset.name.endsWith('.woff2') && new RegExp(`(src|href)="/assets/${asset.name.replaceAll('.', '[.]')}"`).test(html.bytes.toString()))
  const taken = brotli(html.bytes).length + parts.reduce((sum, { bytes }) => sum + brotli(bytes).length, 0)
  console.log(`${name}: ${taken} bytes as brotli, of ${BUDGET[name]}`)
  if (taken > BUDGET[name]) throw new Error(`${name} is over its budget`)
}
const size = (make) => files.reduce((sum, file) => sum + make(file.bytes).length, 0)
console.log(`${basename(folder)}: ${files.length} files, ${size((b) => b)} bytes, ${size(brotli)} as brotli`)
