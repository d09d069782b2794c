/* The page that verifies a package offline. Its one script lies in it, by its hash in the page's
 * own content policy; it opens the files that the reader picks, and asks nobody: no connection is
 * allowed. SHA-256 and Ed25519 are the browser's (WebCrypto); one that has them not says so, and
 * names the command that checks as well. */
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
    "async function sealed(note, key, manifest) {\n"
    "  const end = note.indexOf('\\n\\n');\n"
    "  const text = note.slice(0, end + 1), hash = btoa(String.fromCharCode(...await "
    "sha256(manifest)));\n"
    "  const line = note.slice(end + 2);\n"
    "  const start = '\\u2014 ' + key.name + ' ';\n"
    "  if (end < 0 || text !== 'vern document seal\\nsha256\\n' + hash + '\\n' || "
    "!line.startsWith(start))\n"
    "    return false;\n"
    "  const signature = plain(line.slice(start.length).trim());\n"
    "  if (signature.length !== 68 || !same(signature.slice(0, 4), key.id)) return false;\n"
    "  const made = await crypto.subtle.importKey('raw', key.raw, {name: 'Ed25519'}, false, "
    "['verify']);\n"
    "  return crypto.subtle.verify({name: 'Ed25519'}, made, signature.slice(4), new "
    "TextEncoder().encode(text));\n"
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
    "    if (!await sealed(utf8.decode(seal), key, manifest)) wrong.push('seal');\n"
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
    "  if (!globalThis.crypto || !crypto.subtle) show('browser', '');\n"
    "  document.getElementById('pick').addEventListener('change', async event => {\n"
    "    const files = new Map();\n"
    "    for (const file of event.target.files) {\n"
    "      const path = file.webkitRelativePath.split('/').slice(1).join('/') || file.name;\n"
    "      files.set(path, new Uint8Array(await file.arrayBuffer()));\n"
    "    }\n"
    "    const {wrong, key} = await checkPackage(files);\n"
    "    if (wrong.includes('browser')) show('browser', '');\n"
    "    else if (wrong.length > 0) show('bad', wrong.join(', '));\n"
    "    else show('good', key);\n"
    "  });\n"
    "}\n";

static const char style[] = "body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:0 auto;"
                            "padding:1.5rem 1rem}.said{display:none}#result{font-weight:600;"
                            "overflow-wrap:anywhere}.good{color:#06652c}.bad{color:#a4000f}";

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

void verify_page(enum language language, struct arena *arena, struct buf *out)
{
    (void)arena;
    buf_format(out,
               "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
               "script-src ",
               language_tag(language));
    put_policy_hash(out, script);
    buf_text(out, "; style-src ");
    put_policy_hash(out, style);
    buf_text(out, "; form-action 'none'; base-uri 'none'\">\n<title>");
    html_text(out, text_in(TEXT_verify_title, language));
    buf_format(out,
               "</title>\n<meta name=\"viewport\" content=\"width=device-width, "
               "initial-scale=1\">\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>",
               style);
    html_text(out, text_in(TEXT_verify_title, language));
    buf_text(out, "</h1>\n<p>");
    html_text(out, text_in(TEXT_verify_text, language));
    buf_text(out, "</p>\n<p><label for=\"pick\">");
    html_text(out, text_in(TEXT_verify_pick, language));
    buf_text(out, "</label> <input type=\"file\" id=\"pick\" webkitdirectory multiple></p>\n"
                  "<p id=\"result\" role=\"status\"></p>\n");
    put_said(out, "good", TEXT_verify_good, language);
    put_said(out, "bad", TEXT_verify_bad, language);
    put_said(out, "browser", TEXT_verify_browser, language);
    buf_format(out, "</main>\n<script>%s</script>\n</body>\n</html>\n", script);
}
