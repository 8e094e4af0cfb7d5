import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bashCompletion } from '../../src/completion/bash.js'
import { fishCompletion } from '../../src/completion/fish.js'
import { wordsOf } from '../../src/completion/words.js'
import { zshCompletion } from '../../src/completion/zsh.js'
import { program } from '../../src/program.js'

const words = wordsOf(program())

/** What bash offers after these words; the last one is being typed. */
function complete(...typed: string[]): string[] {
  const script = `${bashCompletion(words)}
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_swarmway
printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['--norc', '-c', script, 'bash', 'swarmway', ...typed], { encoding: 'utf8' })
  return output.split('\n').filter((line) => line !== '')
}

test.each<[string[], string[]]>([
  [['se'], ['send', 'serve']],
  [['rec'], ['receive']],
  [['--v'], ['--version']],
  [['send', '--k'], ['--keep']],
  [
    ['lookup', 'name', '--as', ''],
    ['topic', 'pipe', 'chat', 'share']
  ],
  [['lookup', 'name', '-a', 'ch'], ['chat']],
  [['help', 'do'], ['doctor']],
  // They offered files.
  [['proxy', '--log-level', 'd'], ['debug']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish']
  ],
  [['get', 'key', '--over'], ['--overwrite']],
  // Files are left to bash.
  [['send', 'ph'], []]
])('bash completes %j', (typed, offered) => {
  expect(complete(...typed)).toEqual(offered)
})

// They offered files.
test('fish and zsh complete an argument that has few values', () => {
  expect(fishCompletion(words)).toContain("-n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'")
  expect(fishCompletion(words)).toMatch(/__fish_seen_subcommand_from help' -f -a '[a-z ]*doctor/)
  expect(zshCompletion(words)).toContain("'1:value:(bash zsh fish)'")
})

// Nothing was offered.
test('fish and zsh complete the options that need no command', () => {
  expect(zshCompletion(words)).toMatch(/PREFIX" == -\* .*\n +_arguments '\*-V\[show the version\]' '\*--version\[/)
  expect(fishCompletion(words)).toContain("-n __fish_use_subcommand -s V -l version -d 'show the version'")
})

test('every command and every option is completed in every shell', () => {
  for (const command of words.subcommands) {
    for (const script of [bashCompletion(words), zshCompletion(words), fishCompletion(words)]) {
      expect(script).toContain(command.name)
    }
    for (const flag of command.options.flatMap(({ flags }) => flags)) {
      expect(zshCompletion(words)).toContain(`'*${flag}[`)
      expect(bashCompletion(words)).toContain(flag)
      expect(fishCompletion(words)).toContain(flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)
    }
  }
})

test('quotes in descriptions do not end the strings of a script', () => {
  const tricky = {
    ...words,
    subcommands: [{ name: 'a', description: "don't", options: [], choices: [], subcommands: [] }]
  }
  expect(zshCompletion(tricky)).toContain("don'\\''t")
  expect(fishCompletion(tricky)).toContain("don\\'t")
})
