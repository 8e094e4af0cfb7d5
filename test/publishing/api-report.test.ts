/** `npm run api`: CI fails if the public surface changes without a change in api/. */
import { expect, test } from 'vitest'
import { Workspace } from './support.ts'

const MANIFEST = {
  name: '@swarmway/sample',
  version: '1.0.0',
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './extra': { types: './dist/extra.d.ts', default: './dist/extra.js' }
  }
}
const SURFACE = `/** A word. */
export declare class Word {
    /** Its letters. */
    readonly length: number
}
export { Word as default, Word as 'module.exports' }
`

test('changed, new and removed entries are detected, and written', () => {
  const workspace = new Workspace()
  for (const name of workspace.packages) workspace.remove(`packages/${name}`)
  workspace.write('packages/sample/package.json', JSON.stringify(MANIFEST))
  workspace.write(
    'packages/sample/tsconfig.json',
    '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "types": [] } }'
  )
  workspace.write('packages/sample/dist/index.d.ts', SURFACE)
  workspace.write('packages/sample/dist/extra.d.ts', '/** One more. */\nexport declare const extra: string\n')
  workspace.write('api/gone.api.md', 'of a package that was removed')

  const [before, written, after] = [check(), workspace.run('api.mjs'), check()]
  expect(before.code).toBe(1)
  expect(before.stderr).toContain('sample.api.md, sample.extra.api.md, gone.api.md')
  expect([written.code, written.stderr]).toEqual([0, ''])
  expect([after.code, after.stderr]).toEqual([0, ''])
  expect(workspace.read('api/sample.api.md')).toContain('readonly length: number')

  workspace.write('packages/sample/dist/index.d.ts', SURFACE.replace('length: number', 'length: bigint'))
  const changed = check()
  expect(changed.code).toBe(1)
  expect(changed.stderr).toBe(
    'These reports in api/ are out of date: sample.api.md.\nRun `npm run api` and commit the changes.\n'
  )
  expect(workspace.read('api/sample.api.md'), 'a check writes nothing').toContain('readonly length: number')

  function check() {
    return workspace.run('api.mjs', ['--check'])
  }
})
