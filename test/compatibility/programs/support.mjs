// What the programs of the tier have in common.
import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Hyperswarm from './swarms.cjs'

const { folder, storage } = JSON.parse(process.env.COMPATIBILITY)

/** Requires an installed package. */
export const installed = createRequire(`${folder}/package.json`)

/** Imports an installed package that is an ES module. */
export function importInstalled(path) {
  return import(pathToFileURL(join(folder, 'node_modules', path)).href)
}

/** A swarm of the next kind, whose connections may be cut. */
export function createSwarm(options = {}) {
  const swarm = new Hyperswarm(options)
  swarm.on('connection', (connection) => connection.on('error', () => {}))
  return swarm
}

/** A new folder, which the run removes. */
export function createFolder() {
  return mkdtempSync(join(storage, 'part-'))
}

/** Resolves once the condition holds. */
export async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Ends the program well: packages may leave handles open. */
export function pass() {
  console.log('passed')
  process.exit(0)
}
