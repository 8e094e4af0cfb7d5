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

test.each([[[]], [['--help']], [['help', 'share']], [['toString']], [['chta']]])(
  '%j loads all commands',
  async (args) => {
    expect((await programFor(args)).commands.length).toBeGreaterThan(10)
  }
)

// The version took a second on a slow machine: the modules of all commands were loaded for it.
test.each(['--version', '-V'])('%s loads no command', async (option) => {
  expect((await programFor([option])).commands).toEqual([])
})
