// Adds to each package, just before it is published, what is known only then: the repository, which provenance needs,
// and absolute links in the README, because a registry shows it without the other files. Do not commit the result.
//
// GITHUB_SERVER_URL and GITHUB_REPOSITORY say where the repository is; GitHub's workflows set both.
import { readFile, writeFile } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { publicPackages, root } from './shared/packages.mjs'

/** `](path` of a link, or of an image with the text before it. Does not match URLs and headings of the page. */
const RELATIVE_LINK = /(!\[[^\]]*)?\]\((?![a-z]+:|#|\/)([^)\s]+)/g

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_REF_TYPE, GITHUB_REF_NAME } = process.env
const address = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`
const packages = await publicPackages()
const obstacle = findObstacle()

if (obstacle === null) await Promise.all(packages.map(prepare))
else {
  console.error(obstacle)
  process.exitCode = 1
}

function findObstacle() {
  const { version } = packages[0]
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY) return 'Set GITHUB_SERVER_URL and GITHUB_REPOSITORY.'
  // The links point to the tag of the version.
  if (GITHUB_REF_TYPE === 'tag' && GITHUB_REF_NAME !== `v${version}`)
    return `The tag is ${GITHUB_REF_NAME}, but the packages have version ${version}.`
  return null
}

async function prepare({ folder, manifest, version }) {
  const directory = relative(root, folder).replaceAll('\\', '/')
  const origin = {
    repository: { type: 'git', url: `git+${address}.git`, directory },
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ ...origin, ...manifest }, null, 2)}\n`)
  const readme = join(folder, 'README.md')
  const markdown = await readFile(readme, 'utf8')
  const linked = markdown.replaceAll(RELATIVE_LINK, (_link, image = '', path) => {
    const kind = image === '' ? 'blob' : 'raw'
    return `${image}](${address}/${kind}/v${version}/${posix.join(directory, path)}`
  })
  await writeFile(readme, linked)
}
