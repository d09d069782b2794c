/* The page that verifies a receipt or a package offline. Its one script lies in it, by its hash in
 * the page's own content policy; it opens the files that the reader picks, and asks nobody: no
 * connection is allowed. SHA-256 and Ed25519 are the browser's (WebCrypto); one that has them not
 * says so, and names the command that checks as well. */
#include <sodium.h>

#include "document_internal.h"
#include "package.h"

static const char script[] =
    "'use strict';\n"
    "const utf8 = new TextDecoder('utf-8', {fatal: true});\n"
    "const plain = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));\n"
    "const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);\n"
    "const sha256 = async bytes => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));\n"
    "const hex = bytes => [...bytes].map(x => x.toString(16).padStart(2, '0')).join('');\n"
    "// A verifier key: name, the first bytes of SHA-256 of name and key, and 0x01 with the key.\n"
    "async function keyOf(text) {\n"
    "  const [name, id, key, more] = text.split('+').length > 3\n"
    "    ? [...text.split('+').slice(0, 2), text.split('+').slice(2).join('+')] : "
    "text.split('+');\n"
    "  const bytes = plain(key);\n"
    "  const whole = new Uint8Array([...new TextEncoder().encode(name), 10, ...bytes]);\n"
    "  const wanted = (await sha256(whole)).slice(0, 4);\n"
    "  if (more !== undefined || bytes.length !== 33 || bytes[0] !== 1 || hex(wanted) !== id)\n"
    "    throw new Error('key');\n"
    "  return {name, id: wanted, raw: bytes.slice(1)};\n"
    "}\n"
    "// The text of a signed note, when this key signed it.\n"
    "async function opened(note, key) {\n"
    "  const end = note.indexOf('\\n\\n'), text = note.slice(0, end + 1);\n"
    "  const start = '\\u2014 ' + key.name + ' ';\n"
    "  const line = note.slice(end + 2).split('\\n').find(one => one.startsWith(start));\n"
    "  if (end < 0 || !line) throw new Error('seal');\n"
    "  const signature = plain(line.slice(start.length));\n"
    "  if (signature.length !== 68 || !same(signature.slice(0, 4), key.id)) throw new "
    "Error('seal');\n"
    "  const whole = new TextEncoder().encode(text), how = {name: 'Ed25519'};\n"
    "  const made = await crypto.subtle.importKey('raw', key.raw, how, false, ['verify']);\n"
    "  if (!await crypto.subtle.verify(how, made, signature.slice(4), whole))\n"
    "    throw new Error('seal');\n"
    "  return text;\n"
    "}\n"
    "// From a leaf by its path to the root (RFC 9162, 2.1.3.2).\n"
    "async function rootOf(leaf, index, size, path) {\n"
    "  let at = index, last = size - 1, hash = leaf;\n"
    "  const up = () => { at = Math.floor(at / 2); last = Math.floor(last / 2); };\n"
    "  if (![at, size].every(Number.isSafeInteger) || at < 0 || at >= size) return [];\n"
    "  for (const text of path) {\n"
    "    if (last === 0) return [];\n"
    "    const next = plain(text), right = at % 2 === 1 || at === last;\n"
    "    hash = await sha256(new Uint8Array(right ? [1, ...next, ...hash] : [1, ...hash, "
    "...next]));\n"
    "    while (right && at % 2 === 0 && at !== 0) up();\n"
    "    up();\n"
    "  }\n"
    "  return last === 0 ? hash : [];\n"
    "}\n"
    "const idOf = text => plain(text.replace(/-/g, '+').replace(/_/g, '/'));\n"
    "// One line of an entry about many people: about this one, and in the manifest it names.\n"
    "async function isLine(said, entry) {\n"
    "  const {lines, line, decision, proof} = said.manifest;\n"
    "  const code = ['refuse', 'allow', 'duty'].indexOf(decision);\n"
    "  const leaf = await sha256(new Uint8Array([0, ...idOf(said.reference), code]));\n"
    "  return entry.mn === lines && same(await rootOf(leaf, line, lines, proof), idOf(entry.mr));\n"
    "}\n"
    "// Gives what is wrong, else the key that signed and what the log says.\n"
    "async function checkReceipt(text) {\n"
    "  try {\n"
    "    const all = JSON.parse(text);\n"
    "    const said = all.receipt && typeof all.receipt === 'object' ? all.receipt : all;\n"
    "    const key = await keyOf(said.key);\n"
    "    const [origin, size, root] = (await opened(said.checkpoint, key)).split('\\n');\n"
    "    if (origin !== key.name || size !== String(said.size)) return {wrong: ['seal'], key: "
    "''};\n"
    "    const leaf = await sha256(new Uint8Array([0, ...new TextEncoder().encode(said.entry)]));\n"
    "    if (!same(await rootOf(leaf, said.index, said.size, said.proof), plain(root)))\n"
    "      return {wrong: ['proof'], key: ''};\n"
    "    const entry = JSON.parse(said.entry);\n"
    "    const about = entry.su || 'A'.repeat(22); // of nobody: the zero id\n"
    "    if (about !== said.reference && !(said.manifest && await isLine(said, entry)))\n"
    "      return {wrong: ['reference'], key: ''};\n"
    "    return {wrong: [], key: said.key, entry: said.entry};\n"
    "  } catch (error) {\n"
    "    return {wrong: [error.name === 'NotSupportedError' ? 'browser' : 'seal'], key: ''};\n"
    "  }\n"
    "}\n"
    "// files: a Map from name to bytes. Gives what is wrong, and the key that sealed it.\n"
    "async function checkPackage(files) {\n"
    "  const wrong = [];\n"
    "  const manifest = files.get('manifest.json'), seal = files.get('manifest.seal');\n"
    "  if (!manifest || !seal) return {wrong: ['manifest'], key: ''};\n"
    "  let said, key;\n"
    "  try {\n"
    "    said = JSON.parse(utf8.decode(manifest));\n"
    "    key = await keyOf(said.key);\n"
    "    const hash = btoa(String.fromCharCode(...await sha256(manifest)));\n"
    "    const text = 'vern document seal\\nsha256\\n' + hash + '\\n';\n"
    "    if (await opened(utf8.decode(seal), key) !== text) wrong.push('seal');\n"
    "  } catch (error) {\n"
    "    return {wrong: [error.name === 'NotSupportedError' ? 'browser' : 'seal'], key: ''};\n"
    "  }\n"
    "  for (const file of said.files) {\n"
    "    const bytes = files.get(file.name);\n"
    "    if (!bytes || bytes.length !== file.bytes || hex(await sha256(bytes)) !== file.sha256)\n"
    "      wrong.push(file.name);\n"
    "  }\n"
    "  const listed = new Set([...said.files.map(file => file.name), 'manifest.json', "
    "'manifest.seal']);\n"
    "  for (const name of files.keys()) if (!listed.has(name)) wrong.push(name);\n"
    "  return {wrong, key: said.key};\n"
    "}\n"
    "if (typeof document !== 'undefined') {\n"
    "  const show = (id, more) => {\n"
    "    const out = document.getElementById('result');\n"
    "    out.textContent = document.getElementById(id).textContent + ' ' + more;\n"
    "    out.className = id;\n"
    "  };\n"
    "  const tell = ({wrong, key, entry}) => {\n"
    "    if (wrong.includes('browser')) show('browser', '');\n"
    "    else if (wrong.length > 0) show('bad', wrong.join(', '));\n"
    "    else show('good', key);\n"
    "    document.getElementById('entry').textContent =\n"
    "      entry ? JSON.stringify(JSON.parse(entry), null, 2) : '';\n"
    "  };\n"
    "  if (!globalThis.crypto || !crypto.subtle) show('browser', '');\n"
    "  document.getElementById('pick').addEventListener('change', async event => {\n"
    "    const files = new Map();\n"
    "    for (const file of event.target.files) {\n"
    "      const path = file.webkitRelativePath.split('/').slice(1).join('/') || file.name;\n"
    "      files.set(path, new Uint8Array(await file.arrayBuffer()));\n"
    "    }\n"
    "    tell(await checkPackage(files));\n"
    "  });\n"
    "  document.getElementById('receipt').addEventListener('change', async event => {\n"
    "    const [file] = event.target.files;\n"
    "    if (file) tell(await checkReceipt(await file.text()));\n"
    "  });\n"
    "}\n";

static const char style[] =
    ":root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;"
    "margin:0 auto;padding:1.5rem 1rem;overflow-wrap:anywhere}.said{display:none}"
    "#result{font-weight:600}#result:not(:empty){border-inline-start:5px solid;padding:.75rem 1rem}"
    ".good{color:light-dark(#06652c,#7fd8a0)}.bad{color:light-dark(#a4000f,#ffa8a8)}"
    "label{display:block;font-weight:600}input{font:inherit;max-width:100%;min-height:2rem}"
    "#entry{white-space:pre-wrap;font-size:.9rem}";

static void put_policy_hash(struct buf *out, const char *text)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    buf_text(out, "'sha256-");
    buf_base64(out, (str){(const char *)hash, sizeof(hash)});
    buf_char(out, '\'');
}

static void put_said(struct buf *out, const char *id, enum text text, enum language language)
{
    buf_format(out, "<p class=\"said\" id=\"%s\">", id);
    html_text(out, text_in(text, language));
    buf_text(out, "</p>\n");
}

static void put_policy(struct buf *out)
{
    buf_text(out, "default-src 'none'; script-src ");
    put_policy_hash(out, script);
    buf_text(out, "; style-src ");
    put_policy_hash(out, style);
    buf_text(out, "; form-action 'none'; base-uri 'none'");
}

void verify_page_policy(struct buf *out)
{
    put_policy(out);
    buf_text(out, "; frame-ancestors 'none'");
}

static void put_pick(struct buf *out, enum text text, const char *input, enum language language)
{
    buf_format(out, "<p><label for=\"%s\">", input);
    html_text(out, text_in(text, language));
    buf_format(out, "</label> <input type=\"file\" id=\"%s\"%s></p>\n", input,
               text == TEXT_verify_pick ? " webkitdirectory multiple" : " accept=\".json\"");
}

void verify_page(enum language language, struct arena *arena, struct buf *out)
{
    (void)arena;
    buf_format(out,
               "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"",
               language_tag(language));
    put_policy(out);
    buf_text(out, "\">\n<title>");
    html_text(out, text_in(TEXT_verify_title, language));
    buf_format(out,
               "</title>\n<meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\">\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>",
               style);
    html_text(out, text_in(TEXT_verify_title, language));
    buf_text(out, "</h1>\n<p>");
    html_text(out, text_in(TEXT_verify_text, language));
    buf_text(out, "</p>\n");
    put_pick(out, TEXT_verify_receipt, "receipt", language);
    put_pick(out, TEXT_verify_pick, "pick", language);
    buf_text(out, "<p id=\"result\" role=\"status\"></p>\n<p id=\"entry\"></p>\n");
    put_said(out, "good", TEXT_verify_good, language);
    put_said(out, "bad", TEXT_verify_bad, language);
    put_said(out, "browser", TEXT_verify_browser, language);
    buf_format(out, "</main>\n<script>%s</script>\n</body>\n</html>\n", script);
}
