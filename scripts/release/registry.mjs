import { run } from '../shared/run.mjs'

/** The oldest npm that can do trusted publishing, and the newest that runs on Node 20. */
const NPM = ['npx', ['-y', 'npm@11']]

/** Whether this very version is there, as after a release that broke off half way. */
export async function isPublished({ name, version }) {
  const [command, args] = NPM
  try {
    return (await run(command, [...args, 'view', `${name}@${version}`, 'version'])).trim() === version
  } catch (error) {
    if (error.message.includes('E404')) return false
    throw error
  }
}

/** Publishes a tarball. */
export async function publish(tarball, { isDryRun, hasProvenance }) {
  const [command, args] = NPM
  const flags = ['--access', 'public', `--provenance=${hasProvenance}`, ...(isDryRun ? ['--dry-run'] : [])]
  await run(command, [...args, 'publish', tarball, ...flags])
}
