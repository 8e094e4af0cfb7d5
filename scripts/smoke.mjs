// Checks the packages as users get them: packs each one, checks it with publint and attw, installs the tarballs in an
// empty folder, and measures, imports, requires, runs and type-checks them there. Run `npm run build` first.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from './shared/pack.mjs'
import { publicPackages } from './shared/packages.mjs'
import { checkBin } from './smoke/bin.mjs'
import { checkBundle } from './smoke/bundle.mjs'
import { checkContents } from './smoke/contents.mjs'
import { checkEntries } from './smoke/entries.mjs'
import { install } from './smoke/install.mjs'
import { lintPackage } from './smoke/lint.mjs'
import { checkProxy } from './smoke/proxy.mjs'
import { Report } from './smoke/report.mjs'
import { checkSizes } from './smoke/sizes.mjs'
import { checkStatusPage } from './smoke/status.mjs'
import { checkSwarm } from './smoke/swarm.mjs'
import { checkTypes } from './smoke/types.mjs'
import { checkWithoutOptional } from './smoke/without-optional.mjs'

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
  const packages = await publicPackages()
  for (const pkg of packages) {
    await report.check(`${pkg.name}: packed`, async () => {
      if (!pkg.isBuilt) throw new Error('The package has no dist folder. Run `npm run build` first.')
      pkg.tarball = await pack(pkg, folder)
    })
  }
  const packed = packages.filter((pkg) => pkg.tarball)
  for (const pkg of packed) await lintPackage(pkg, report)

  await install(packed, folder)
  for (const pkg of packed) {
    await report.check(`${pkg.name}: contents`, () => checkContents(pkg, folder))
    await checkSizes(pkg, folder, report)
    await checkEntries(pkg, folder, report)
    await checkBin(pkg, folder, report)
  }
  await checkBundle(folder, report)
  await checkSwarm(folder, report)
  await checkStatusPage(folder, report)
  await checkProxy(folder, report)
  await checkTypes(folder, report)
  await checkWithoutOptional(packed, report)
}
