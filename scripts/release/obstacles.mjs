import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../shared/packages.mjs'
import { sectionOf } from './changelog.mjs'
import { repositoryFrom } from './repository.mjs'

/** What keeps the packages from being published, a sentence each; all of it, not the first only. */
export async function findObstacles(packages, env, { hasProvenance }) {
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8')
  const { version } = packages[0]
  return [
    ofVersions(packages),
    ofTag(version, env),
    ofChangelog(changelog, version),
    ofBuild(packages),
    hasProvenance && ofRepository(packages, env)
  ].filter(Boolean)
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

function ofBuild(packages) {
  const unbuilt = namesOf(packages.filter(({ isBuilt }) => !isBuilt))
  return unbuilt !== '' && `Not built: ${unbuilt}. Run npm run build.`
}

function ofRepository(packages, env) {
  if (repositoryFrom(env) !== null) return false
  const nameless = namesOf(packages.filter(({ manifest }) => manifest.repository === undefined))
  const hint = 'The release workflow on GitHub sets it; elsewhere there is --without-provenance.'
  return nameless !== '' && `Provenance needs "repository" in the package.json of ${nameless}. ${hint}`
}

function namesOf(packages) {
  return packages.map(({ name }) => name).join(', ')
}
