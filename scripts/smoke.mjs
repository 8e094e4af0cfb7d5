// Checks the packages as a user gets them: packs each one, installs the tarballs in an empty folder, and imports,
// requires, runs and type-checks them there. Run after `npm run build`.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkContents } from './smoke/contents.mjs'
import { checkEntries } from './smoke/entries.mjs'
import { install, pack } from './smoke/install.mjs'
import { publicPackages } from './smoke/packages.mjs'
import { Report } from './smoke/report.mjs'
import { checkSwarm } from './smoke/swarm.mjs'
import { checkTypes } from './smoke/types.mjs'

const report = new Report()
const folder = await mkdtemp(join(tmpdir(), 'swarmway-smoke-'))
process.on('SIGINT', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(130)
})
try {
  await smoke()
} catch (error) {
  report.fail('smoke test', error)
} finally {
  await rm(folder, { recursive: true, force: true })
}
report.end()

async function smoke() {
  const packages = []
  for (const pkg of await publicPackages()) {
    if (pkg.isBuilt) packages.push(pkg)
    else report.skip(pkg.name, 'it has no dist folder; run `npm run build` first if it should')
  }
  if (packages.length === 0) throw new Error('No package is built. Run `npm run build` first.')

  for (const pkg of packages) {
    await report.check(`${pkg.name}: packed`, () => pack(pkg, folder))
  }
  const packed = packages.filter((pkg) => pkg.tarball)
  await report.check('installed with npm in an empty folder', () => install(packed, folder))
  for (const pkg of packed) {
    await report.check(`${pkg.name}: contents`, () => checkContents(pkg, folder))
    await checkEntries(pkg, folder, report)
  }
  if (packed.some((pkg) => pkg.name === '@swarmway/swarm')) {
    await checkSwarm(folder, report)
    await checkTypes(folder, report)
  }
}
