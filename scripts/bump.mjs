// Gives all packages their next version, the same for each, and dates what CHANGELOG.md says under Unreleased.
//
//     npm run bump -- patch|minor|major|1.2.3
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { closeUnreleased } from './release/changelog.mjs'
import { nextVersion } from './release/semver.mjs'
import { publicPackages, root } from './shared/packages.mjs'

const changelog = join(root, 'CHANGELOG.md')
try {
  await release(process.argv[2])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function release(step) {
  const packages = await publicPackages()
  const version = nextVersion(
    packages.map((pkg) => pkg.version),
    step
  )
  const date = new Date().toISOString().slice(0, 10)
  // Whatever may be refused comes before the first write.
  const closed = closeUnreleased(await readFile(changelog, 'utf8'), version, date)
  for (const pkg of packages) await setVersion(join(pkg.folder, 'package.json'), version)
  await writeFile(changelog, closed)
  console.log(`${packages.length} packages have version ${version}. Look at CHANGELOG.md, then:`)
  console.log(`    git commit -am "Release ${version}" && git tag v${version} && git push origin HEAD v${version}`)
}

async function setVersion(file, version) {
  const manifest = await readFile(file, 'utf8')
  await writeFile(file, manifest.replace(/"version": "[^"]*"/, `"version": "${version}"`))
}
