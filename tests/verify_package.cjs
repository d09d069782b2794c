// Runs the script of verify.html as the page does: node verify_package.cjs FOLDER on the package there,
// by the page in it; node verify_package.cjs PAGE RECEIPT on a receipt. Prints what is wrong, a name a
// line; nothing when all is well.
'use strict';
const fs = require('fs');
const path = require('path');

if (globalThis.crypto === undefined) globalThis.crypto = require('crypto').webcrypto; // Node 18

const [folder, receipt] = process.argv.slice(2);
const page = fs.readFileSync(receipt ? folder : path.join(folder, 'verify.html'), 'utf8');
const script = page.slice(page.indexOf('<script>') + 8, page.indexOf('</script>'));
const {checkPackage, checkReceipt} = new Function(script + ";return {checkPackage, checkReceipt};")();

const files = new Map();
const take = below => {
  for (const name of fs.readdirSync(path.join(folder, below))) {
    const at = below === '' ? name : below + '/' + name;
    if (fs.statSync(path.join(folder, at)).isDirectory()) take(at);
    else files.set(at, new Uint8Array(fs.readFileSync(path.join(folder, at))));
  }
};
if (!receipt) take('');
(receipt ? checkReceipt(fs.readFileSync(receipt, 'utf8')) : checkPackage(files)).then(result => {
  for (const name of result.wrong) console.log(name);
});
