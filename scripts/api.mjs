// Keeps api/, a report of the public surface of each entry of each package, so that changes to it show in review.
//
//     npm run api             writes the reports
//     npm run api -- --check  fails if a report is out of date
//
// Reads the declarations in dist: run `npm run build` first.
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
  console.log(`Wrote ${entries.length} reports to api/. Its diff in git shows what changes for users.`)
} else if (changed.length + surplus.length > 0) {
  const stale = [...changed.map(({ reportName }) => `${reportName}.api.md`), ...surplus]
  console.error(`These reports in api/ are out of date: ${stale.join(', ')}.`)
  console.error('Run `npm run api` and commit the changes.')
  process.exitCode = 1
} else {
  console.log(`The ${entries.length} reports in api/ match the public surface.`)
}
