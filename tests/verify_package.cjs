// Runs the script of a package's own verify.html on the package's files, as the page does:
// node verify_package.cjs FOLDER. Prints what is wrong, a name a line; nothing when all is well.
'use strict';
const fs = require('fs');
const path = require('path');

if (globalThis.crypto === undefined) globalThis.crypto = require('crypto').webcrypto; // Node 18

const folder = process.argv[2];
const page = fs.readFileSync(path.join(folder, 'verify.html'), 'utf8');
const script = page.slice(page.indexOf('<script>') + 8, page.indexOf('</script>'));
const checkPackage = new Function(script + ';return checkPackage;')();

const files = new Map();
const take = below => {
  for (const name of fs.readdirSync(path.join(folder, below))) {
    const at = below === '' ? name : below + '/' + name;
    if (fs.statSync(path.join(folder, at)).isDirectory()) take(at);
    else files.set(at, new Uint8Array(fs.readFileSync(path.join(folder, at))));
  }
};
take('');
checkPackage(files).then(result => {
  for (const name of result.wrong) console.log(name);
});
