import preact from '@preact/preset-vite'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.html'))

export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // a script or style in a data: URL would need a wider policy
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name.slice(0, -5), resolve(import.meta.dirname, name)])),
    },
  },
})
