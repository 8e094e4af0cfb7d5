// Publishes all packages at the version that they have. Meant for .github/workflows/release.yml.
//
//     npm run release -- --check               says what is missing, and publishes nothing
//     npm run release -- --dry-run             packs and goes through all of it but the last step
//     npm run release -- --without-provenance  by hand, as the first release of a package has to be
//
// By hand, give GITHUB_SERVER_URL and GITHUB_REPOSITORY as well: links of the READMEs lead to the repository.
//
// There is no token here: in the workflow npm trusts the identity that GitHub vouches for (trusted publishing), by hand
// it is who has done `npm login`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findObstacles } from './release/obstacles.mjs'
import { inDependencyOrder } from './release/order.mjs'
import { setReadmeLinks } from './release/readme.mjs'
import { isPublished, publish } from './release/registry.mjs'
import { repositoryFrom, setRepository } from './release/repository.mjs'
import { pack } from './shared/pack.mjs'
import { publicPackages } from './shared/packages.mjs'

const isCheck = process.argv.includes('--check')
const isDryRun = process.argv.includes('--dry-run')
const hasProvenance = !process.argv.includes('--without-provenance')
const packages = inDependencyOrder(await publicPackages())
const obstacles = await findObstacles(packages, process.env, { hasProvenance })

for (const obstacle of obstacles) console.error(`- ${obstacle}`)
if (obstacles.length > 0) process.exitCode = 1
else if (isCheck) console.log(`Nothing is missing to publish version ${packages[0].version}.`)
else await publishAll()

async function publishAll() {
  const repository = repositoryFrom(process.env)
  const folder = await mkdtemp(join(tmpdir(), 'swarmway-publish-'))
  try {
    for (const pkg of packages) {
      if (!isDryRun && (await isPublished(pkg))) {
        console.log(`${pkg.name}@${pkg.version} is published already.`)
        continue
      }
      if (repository !== null) await setRepository(pkg, repository)
      if (repository !== null) await setReadmeLinks(pkg, repository)
      await publish(await pack(pkg, folder), { isDryRun, hasProvenance })
      console.log(`${pkg.name}@${pkg.version} ${isDryRun ? 'could be published' : 'published'}.`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
