// Bundles the Worker in one of three ways, and runs it in workerd: `node run.js WAY URL`.
import { builtinModules } from 'node:module'
import * as esbuild from 'esbuild'
import { Miniflare } from 'miniflare'

/** As wrangler does with `nodejs_compat`: a builtin that somebody requires becomes an import. */
const builtins = {
  name: 'builtins',
  setup({ onLoad, onResolve }) {
    const filter = new RegExp(`^(node:)?(${builtinModules.filter((name) => name !== 'events').join('|')})$`)
    onResolve({ filter }, ({ namespace, path }) => {
      const name = `node:${path.replace('node:', '')}`
      return namespace === 'builtin' ? { path: name, external: true } : { path: name, namespace: 'builtin' }
    })
    onLoad({ filter, namespace: 'builtin' }, ({ path }) => ({
      contents: `export * from '${path}'\nexport { default } from '${path}'`
    }))
  }
}

const mainFields = ['browser', 'module', 'main']
/** Without `browser`, packages of others resolve for Node, whose Buffer they use, and sodium has to be chosen by hand. */
const withoutBrowser = {
  platform: 'neutral',
  mainFields,
  alias: { 'sodium-native': 'sodium-javascript' },
  plugins: [builtins],
  flags: ['nodejs_compat']
}
const ways = {
  wrangler: { platform: 'browser', mainFields, conditions: ['workerd', 'worker', 'browser'], flags: [] },
  workerd: { ...withoutBrowser, conditions: ['workerd'] },
  worker: { ...withoutBrowser, conditions: ['worker'] }
}

const [way, server] = process.argv.slice(2)
const { flags, ...settings } = ways[way]
const { outputFiles } = await esbuild.build({
  ...settings,
  entryPoints: ['worker.js'],
  bundle: true,
  format: 'esm',
  write: false
})
const miniflare = new Miniflare({
  modules: [{ type: 'ESModule', path: 'worker.mjs', contents: outputFiles[0].text }],
  compatibilityDate: '2026-07-01',
  compatibilityFlags: flags
})
const answer = await miniflare.dispatchFetch(`http://worker/?server=${encodeURIComponent(server)}&name=${way}`)
console.log(await answer.text())
await miniflare.dispose()
