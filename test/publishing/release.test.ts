/** A release, on a copy of the repository: every step except publishing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Workspace } from './support.ts'

const AT = 'https://code.example/someone/something'
const GITHUB = { GITHUB_SERVER_URL: 'https://code.example', GITHUB_REPOSITORY: 'someone/something' }
const root = new URL('../../', import.meta.url)

test('a changeset gives all packages the next version, and its text goes into CHANGELOG.md', () => {
  const workspace = new Workspace()
  workspace.write('CHANGELOG.md', '# Changelog\n\n## 1.2.3\n\n- An older change.\n')
  setVersions(workspace, '1.2.3')
  for (const name of changesets()) workspace.remove(`.changeset/${name}`)
  workspace.write('.changeset/a-change.md', '---\n"swarmway-workspace": minor\n---\n\nWhat users notice.\n')

  expect(workspace.runTool('changeset', ['version'])).toMatchObject({ code: 0, stderr: '' })
  expect(workspace.versions()).toEqual(new Set(['1.3.0']))
  expect(workspace.read('CHANGELOG.md')).toBe(
    '# Changelog\n\n## 1.3.0\n\n### Minor Changes\n\n- What users notice.\n\n## 1.2.3\n\n- An older change.\n'
  )
})

test('every changeset names the workspace: the text of any other would be written to a file that git ignores', () => {
  for (const name of changesets()) {
    const [, names = ''] = readFileSync(new URL(`.changeset/${name}`, root), 'utf8').split('---\n')
    expect(names, name).toMatch(/^"swarmway-workspace": (patch|minor|major)\n$/)
  }
})

test('a package is published with its repository and with links that work on a registry', () => {
  const workspace = new Workspace()
  setVersions(workspace, '1.2.3')
  const env = { ...GITHUB, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3' }
  workspace.write(
    'packages/swarm/README.md',
    '[a](../../docs/a.md#part), [b](../cli/README.md), [c](#here), ![d](../../docs/d.png), [e](https://e.example/x)'
  )

  expect(workspace.run('prepare-release.mjs', [], env)).toMatchObject({ code: 0, stderr: '' })
  expect(workspace.manifest('swarm')).toMatchObject({
    repository: { type: 'git', url: `git+${AT}.git`, directory: 'packages/swarm' }
  })
  expect(workspace.read('packages/swarm/README.md').split(', ')).toEqual([
    `[a](${AT}/blob/v1.2.3/docs/a.md#part)`,
    `[b](${AT}/blob/v1.2.3/packages/cli/README.md)`,
    '[c](#here)',
    `![d](${AT}/raw/v1.2.3/docs/d.png)`,
    '[e](https://e.example/x)'
  ])
  for (const name of workspace.packages.filter((name) => name !== 'swarm')) {
    const readme = workspace.read(`packages/${name}/README.md`)
    const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !/^(https:|#)/.test(link))).toEqual([])
    for (const link of links.filter((link) => link.startsWith(AT))) {
      const [path = ''] = link.replace(/^.*\/v1\.2\.3\//, '').split('#')
      expect(existsSync(new URL(path, root)), link).toBe(true)
    }
  }
})

test.each([
  ['a tag of another version', { ...GITHUB, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v9.9.9' }, /The tag is v9\.9\.9/],
  ['an unknown repository', {}, /Set GITHUB_SERVER_URL and GITHUB_REPOSITORY/]
])('%s is refused before a file is changed', (_, env, sentence) => {
  const workspace = new Workspace()
  const before = workspace.read('packages/swarm/package.json')
  const { code, stderr } = workspace.run('prepare-release.mjs', [], env)
  expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)])
  expect(workspace.read('packages/swarm/package.json')).toBe(before)
})

function changesets(): string[] {
  const names = readdirSync(new URL('.changeset/', root))
  return names.filter((name) => name.endsWith('.md') && name !== 'README.md')
}

function setVersions(workspace: Workspace, version: string): void {
  for (const path of ['package.json', ...workspace.packages.map((name) => `packages/${name}/package.json`)]) {
    workspace.write(path, JSON.stringify({ ...JSON.parse(workspace.read(path)), version }, null, 2))
  }
}
