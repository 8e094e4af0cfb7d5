import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { leftOutLines } from '../../../src/shared/files/file-texts.js'
import { walkFolder } from '../../../src/shared/files/folder-walk.js'
import { IgnoreRules } from '../../../src/shared/files/ignore-rules.js'
import { folderWith } from '../../share/support.js'

function shared(folder: string, hasRules = true): string[] {
  const { files } = walkFolder(folder, hasRules ? IgnoreRules.of(folder) : null)
  return files.map(({ key }) => key.slice(1)).sort()
}

test('secrets, histories and generated files are left out on every level, and reported', () => {
  const secrets = ['.env', '.env.local', '.ENV', '.npmrc', '.ssh/config', '.aws/credentials', 'id_rsa', 'server.key']
  const others = ['.git/config', 'node_modules/a/index.js', '.DS_Store', '.swarmwayignore']
  const ways = [...secrets, ...others].flatMap((way) => [way, `deep/er/${way}`])
  const honest = ['.env.example', '.gitignore', 'environment', 'id_rsa.pub', 'deep/a.txt', 'git/x']
  const folder = folderWith(Object.fromEntries([...ways, ...honest].map((way) => [way, ''])))
  expect(shared(folder)).toEqual(honest.sort())
  expect(shared(folder, false)).toEqual([...ways, ...honest].sort())
  const lines = leftOutLines(walkFolder(folder, IgnoreRules.of(folder)).leftOut, folder)
  expect(lines[0]).toMatch(/^Left out, ignored \(\d+\): .*\.env.* and \d+ more\.$/)
  expect(lines[1]).toContain('--no-ignore')
})

test('.swarmwayignore at the top works like .gitignore, and can bring back what is left out by default', () => {
  const rules = '\ufeff# a comment\n*.log\r\n!keep.log\n/build/\nnode_modules/*\n!node_modules/mine\n!.env\n'
  const files = ['a.log', 'sub/b.log', 'keep.log', 'build/x', 'sub/build/x', '.env', '.env.local']
  const modules = ['node_modules/other/x', 'node_modules/mine/x']
  const folder = folderWith(Object.fromEntries([...files, ...modules].map((way) => [way, ''])))
  writeFileSync(join(folder, '.swarmwayignore'), rules)
  expect(shared(folder)).toEqual(['.env', 'keep.log', 'sub/build/x'].sort())
  writeFileSync(join(folder, '.swarmwayignore'), `!node_modules\n${rules}`)
  expect(shared(folder)).toEqual(['.env', 'keep.log', 'node_modules/mine/x', 'sub/build/x'].sort())
})

test('a .swarmwayignore further down leaves out more in its folder but brings nothing back', () => {
  const folder = folderWith({
    '.swarmwayignore': 'secret*\n',
    'a.txt': '',
    'sub/.swarmwayignore': '*.txt\n!keep.txt\n!.env\n!secret.md\n/only-here\n',
    'sub/a.txt': '',
    'sub/keep.txt': '',
    'sub/.env': '',
    'sub/secret.md': '',
    'sub/only-here': '',
    'sub/deep/only-here': '',
    'sub/deep/b.txt': '',
    'only-here': ''
  })
  expect(shared(folder)).toEqual(['a.txt', 'only-here', 'sub/deep/only-here', 'sub/keep.txt'])
})

test('unreadable rules are not ignored: nothing is shared', () => {
  // Notepad's "Unicode" with and without its mark; a folder; a dangling link.
  const unreadable: ((path: string) => void)[] = [
    (path) => writeFileSync(path, Buffer.from('\ufeff*.md', 'utf16le')),
    (path) => writeFileSync(path, Buffer.from('*.md', 'utf16le')),
    (path) => mkdirSync(path),
    (path) => symlinkSync('/nowhere/rules', path)
  ]
  for (const make of unreadable) {
    for (const level of ['', 'sub']) {
      const folder = folderWith({ 'sub/secret.md': '' })
      const path = join(folder, level, '.swarmwayignore')
      make(path)
      expect(() => shared(folder)).toThrow(
        expect.objectContaining({ exitCode: EXIT.unusable, message: expect.stringContaining(path) })
      )
      expect(shared(folder, false)).toContain('sub/secret.md')
    }
  }
})
