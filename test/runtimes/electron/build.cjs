// Bundles both scripts into CommonJS. Native modules cannot be in a bundle; they stay beside it.
const { buildSync } = require('esbuild')

const common = { bundle: true, format: 'cjs', logLevel: 'error' }
buildSync({
  ...common,
  platform: 'node',
  entryPoints: ['main.cjs'],
  outfile: 'out/main.cjs',
  external: ['sodium-native', 'udx-native']
})
buildSync({
  ...common,
  platform: 'browser',
  entryPoints: ['preload.cjs'],
  outfile: 'out/preload.js',
  external: ['electron']
})
