import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { root } from '../shared/packages.mjs'

/** The repository's address, as GitHub's workflow knows it; null elsewhere. */
export function repositoryFrom({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name }) {
  return server && name ? `${server}/${name}` : null
}

/**
 * Names the repository in a package.json that does not. Provenance is refused unless it is the one that the workflow
 * runs in.
 */
export async function setRepository({ folder, manifest }, address) {
  const directory = relative(root, folder).replaceAll('\\', '/')
  const found = {
    repository: { type: 'git', url: `git+${address}.git`, directory },
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ ...found, ...manifest }, null, 2)}\n`)
}
