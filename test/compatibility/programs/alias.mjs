// node --import ./alias.mjs program.mjs: `hyperswarm` and, where a package asks for it, `hyperdht` lead to ours, whether a
// program imports or requires them.
import { Module, register } from 'node:module'
import { fileURLToPath } from 'node:url'

const SWARMS = new URL('./swarms.cjs', import.meta.url)
const NODES = new URL('./nodes.cjs', import.meta.url)

register('./hooks.mjs', { parentURL: import.meta.url, data: { hyperswarm: SWARMS.href } })

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, parent, ...rest) {
  const from = parent?.filename ?? ''
  if (request === 'hyperswarm' && !isOurs(from)) return fileURLToPath(SWARMS)
  if (request === 'hyperdht' && /[\\/]node_modules[\\/](hypertele|holesail-\w+)[\\/]/.test(from))
    return fileURLToPath(NODES)
  return resolve.call(this, request, parent, ...rest)
}

/** What makes the swarms wants the real ones. */
function isOurs(file) {
  return file === fileURLToPath(SWARMS) || file === fileURLToPath(NODES)
}
