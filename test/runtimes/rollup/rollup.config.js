// Rollup resolves packages by plugins. Without `preferBuiltins: false`, it leaves Node's `events` to the page.
import commonjs from '@rollup/plugin-commonjs'
import resolve from '@rollup/plugin-node-resolve'

export default {
  input: 'page.js',
  output: { dir: 'out', format: 'es' },
  plugins: [resolve({ browser: true, preferBuiltins: false }), commonjs()]
}
