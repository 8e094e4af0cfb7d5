// Bundles both scripts into CommonJS. Native modules cannot be in a bundle; they stay beside it.
const { buildSync } = require('esbuild')

const common = { bundle: true, format: 'cjs', logLevel: 'error' }
buildSync({
  ...common,
  platform: 'node',
  entryPoints: ['main.js'],
  outfile: 'out/main.js',
  external: ['sodium-native', 'udx-native']
})
buildSync({
  ...common,
  platform: 'browser',
  entryPoints: ['preload.js'],
  outfile: 'out/preload.js',
  external: ['electron']
})
