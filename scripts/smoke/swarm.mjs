import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../shared/run.mjs'
import { runNode } from './node.mjs'

const IMPORTED = `
  import Default, { Swarm } from '@swarmway/swarm'
  if (typeof Swarm !== 'function' || Swarm !== Default) throw new Error('Swarm is not the default export')
`
const REQUIRED = `
  const Swarm = require('@swarmway/swarm')
  if (typeof Swarm !== 'function' || Swarm.name !== 'Swarm') throw new Error('require does not return the class')
  import('@swarmway/swarm').then((module) => {
    if (module.Swarm !== Swarm) throw new Error('import and require return different classes')
  })
`

const ALIASED = `
  const Swarm = require('hyperswarm')
  if (Swarm.name !== 'Swarm') throw new Error('hyperswarm is not aliased')
  import('hyperswarm').then((module) => {
    if (module.default !== Swarm) throw new Error('import and require return different classes')
  })
`

/** Import and require return the class, and two swarms meet. */
export async function checkSwarm(folder, report) {
  await report.check("import { Swarm } from '@swarmway/swarm'", () => runNode(folder, 'module', IMPORTED))
  await report.check("const Swarm = require('@swarmway/swarm')", () => runNode(folder, 'commonjs', REQUIRED))
  await report.check("require('hyperswarm'), with our package installed under that name", () => {
    return runNode(folder, 'commonjs', ALIASED)
  })
  await report.check('two swarms find each other by a topic and talk', async () => {
    const sample = fileURLToPath(new URL('./sample/join.mjs', import.meta.url))
    await copyFile(sample, join(folder, 'join.mjs'))
    return (await run(process.execPath, ['join.mjs'], folder)).trim()
  })
}
