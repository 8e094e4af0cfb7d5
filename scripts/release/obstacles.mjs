import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../shared/packages.mjs'
import { sectionOf } from './changelog.mjs'
import { repositoryFrom } from './repository.mjs'

/** What keeps the packages from being published, a sentence each; all of it, not the first only. */
export async function findObstacles(packages, env) {
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
  const obstacles = [ofVersions(packages), ofTag(packages[0].version, env), ofChangelog(changelog, packages[0].version)]
  return [...obstacles, ...packages.flatMap((pkg) => [ofBuild(pkg), ofRepository(pkg, env)])].filter(Boolean)
}

function ofVersions(packages) {
  const versions = new Set(packages.map(({ version }) => version))
  return versions.size > 1 && `The packages differ in their versions: ${[...versions].join(', ')}. Run npm run bump.`
}

function ofTag(version, { GITHUB_REF_TYPE: type, GITHUB_REF_NAME: name }) {
  return type === 'tag' && name !== `v${version}` && `The tag is ${name}, and the packages have version ${version}.`
}

function ofChangelog(changelog, version) {
  return sectionOf(changelog, version) === null && `CHANGELOG.md has no section for ${version}. Run npm run bump.`
}

function ofBuild(pkg) {
  return !pkg.isBuilt && `${pkg.name} is not built. Run npm run build.`
}

function ofRepository({ name, manifest }, env) {
  if (manifest.repository !== undefined || repositoryFrom(env) !== null) return false
  return `${name} has no "repository" in its package.json, which provenance needs. GitHub's workflow sets it by itself.`
}
