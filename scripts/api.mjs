// Keeps api/, a report of the public surface of every entry of every package, so that a change of it shows in review.
//
//     npm run api             writes the reports
//     npm run api -- --check  fails if one is not current
//
// Reads the declarations in dist: run after `npm run build`.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { publicEntries } from './api/entries.mjs'
import { report } from './api/report.mjs'
import { root } from './shared/packages.mjs'

const isCheck = process.argv.includes('--check')
const folder = join(root, 'api')
const entries = await publicEntries()
const names = new Set(entries.map(({ reportName }) => `${reportName}.api.md`))
const surplus = (await readdir(folder)).filter((name) => !names.has(name))
const changed = entries.filter((entry) => !report(entry, folder, isCheck))

if (!isCheck) {
  for (const name of surplus) await rm(join(folder, name))
  console.log(`Wrote ${entries.length} reports to api/. What git shows there is what changes for users.`)
} else if (changed.length + surplus.length > 0) {
  const stale = [...changed.map(({ reportName }) => `${reportName}.api.md`), ...surplus]
  console.error(`The public surface is not what api/ says: ${stale.join(', ')}.`)
  console.error('Run `npm run api` and commit what it changes.')
  process.exitCode = 1
} else {
  console.log(`The public surface is what the ${entries.length} reports in api/ say.`)
}
