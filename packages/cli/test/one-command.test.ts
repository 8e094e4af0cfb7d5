import { expect, test } from 'vitest'
import { programFor } from '../src/one-command.js'
import { program } from '../src/program.js'

test('each command is loaded alone, as it is among all of them', async () => {
  for (const command of program().commands) {
    const alone = await programFor([command.name()])
    const same = alone.commands.find((one) => one.name() === command.name())
    expect(same?.helpInformation()).toBe(command.helpInformation())
    // It lists the words of all commands.
    if (command.name() !== 'completion') expect(alone.commands.map((one) => one.name())).toEqual([command.name()])
  }
})

// The list of commands took a second on a slow machine: the modules of all commands were loaded for it.
test.each([[[]], [['--help']], [['-h']], [['help']]])('%j lists all commands, and loads none', async (args) => {
  const list = await programFor(args)
  expect(list.helpInformation()).toBe(program().helpInformation())
  expect(list.commands.every(({ options }) => options.length === 0)).toBe(true)
})

test.each([[['help', 'share']], [['share', '--help']]])('%j loads one command', async (args) => {
  expect((await programFor(args)).commands.map((one) => one.name())).toEqual(['share'])
})

test.each([[['help', 'chta']], [['--help', 'share']], [['toString']], [['chta']], [['completion', 'bash']]])(
  '%j loads all commands',
  async (args) => {
    expect((await programFor(args)).commands.length).toBeGreaterThan(10)
  }
)

// The version took a second on a slow machine: the modules of all commands were loaded for it.
test.each(['--version', '-V'])('%s loads no command', async (option) => {
  expect((await programFor([option])).commands).toEqual([])
})
