/** A release, on a copy of the repository: all steps but the one that can't be undone. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Workspace } from './support.ts'

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- A change.\n\n## 1.2.3 (2020-01-01)\n\n- An older one.\n'
const GITHUB = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'someone/something' }

let workspace: Workspace

beforeEach(() => {
  workspace = new Workspace()
  workspace.write('CHANGELOG.md', CHANGELOG)
  for (const name of workspace.packages) setVersion(name, '1.2.3')
})

describe('npm run bump', () => {
  test.each([
    ['patch', '1.2.4'],
    ['minor', '1.3.0'],
    ['major', '2.0.0'],
    ['1.10.0', '1.10.0']
  ])('%s: all packages have version %s, and the changes are under it', (step, version) => {
    expect(workspace.run('bump.mjs', [step])).toMatchObject({ code: 0, stderr: '' })
    expect(workspace.versions()).toEqual(new Set([version]))
    const date = /\d{4}-\d\d-\d\d/.exec(workspace.read('CHANGELOG.md'))?.[0]
    const dated = CHANGELOG.replace('## Unreleased\n', `## Unreleased\n\n## ${version} (${date})\n`)
    expect(workspace.read('CHANGELOG.md')).toBe(dated)
  })

  test.each([
    ['no version', [], /Say which: npm run bump/],
    ['a word', ['next'], /Say which: npm run bump/],
    ['an older version', ['1.2.2'], /1\.2\.2 is before 1\.2\.3/],
    ['a version that has been released', ['1.2.3'], /section for 1\.2\.3 already/]
  ])('refuses %s and changes nothing', (_, args, sentence) => {
    expect(workspace.run('bump.mjs', args)).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) })
    expect(workspace.versions()).toEqual(new Set(['1.2.3']))
    expect(workspace.read('CHANGELOG.md')).toBe(CHANGELOG)
  })

  test('refuses when the changelog tells nothing new', () => {
    workspace.write('CHANGELOG.md', CHANGELOG.replace('- A change.\n', ''))
    expect(workspace.run('bump.mjs', ['minor']).stderr).toMatch(/says nothing under "## Unreleased"/)
    expect(workspace.versions()).toEqual(new Set(['1.2.3']))
  })
})

describe('npm run release -- --check', () => {
  test('has nothing to say in the workflow, when all is there', () => {
    const env = { ...GITHUB, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3' }
    const { code, stdout } = workspace.run('publish.mjs', ['--check'], env)
    expect([code, stdout]).toEqual([0, 'Nothing is missing to publish version 1.2.3.\n'])
  })

  test('says all that is missing, a line each', () => {
    setVersion('cli', '1.2.2')
    workspace.write('CHANGELOG.md', '# Changelog\n')
    workspace.remove('packages/swarm/dist')
    const { code, stderr } = workspace.run('publish.mjs', ['--check'], {
      GITHUB_REF_TYPE: 'tag',
      GITHUB_REF_NAME: 'v9.9.9'
    })
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/differ in their versions/),
      expect.stringMatching(/The tag is v9\.9\.9, and the packages have version 1\.2\.3/),
      expect.stringMatching(/CHANGELOG\.md has no section for 1\.2\.3/),
      expect.stringMatching(/Not built: @swarmway\/swarm\./),
      expect.stringMatching(/Provenance needs "repository" in the package.json of .* swarmway\. .*--without-provenance/)
    ])
  })

  test('by hand there is no provenance, and no repository has to be named', () => {
    expect(workspace.run('publish.mjs', ['--check', '--without-provenance'])).toMatchObject({ code: 0, stderr: '' })
  })
})

function setVersion(name: string, version: string): void {
  const manifest = { ...workspace.manifest(name), version }
  workspace.write(`packages/${name}/package.json`, JSON.stringify(manifest, null, 2))
}
