import { Command } from 'commander'
import { addAbout } from './shared/command/about.js'
import { addExamples } from './shared/command/examples.js'
import { HELP_LAYOUT } from './shared/command/help-layout.js'
import { VERSION } from './shared/command/version.js'

const EXIT_CODES = `
Exit codes: 0 ok; 1 unexpected; 2 wrong usage; 3 unreachable; 4 denied; 5 not found; 6 a file or port is unusable;
7 connection lost; 129, 130, 143 stopped by SIGHUP, Ctrl-C, SIGTERM.`

/** The command line with these commands. */
export function rootWith(commands: readonly Command[]): Command {
  const root = new Command('swarmway')
    .description('Find peers by a name and connect to them, encrypted, with or without UDP.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp(HELP_LAYOUT)
    // What goes wrong is shown by reportError, in the same way as every other error.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
  for (const command of commands) root.addCommand(command.copyInheritedSettings(root))
  addExamples(root, [
    ['swarmway send photos', 'send files; shows the code for the other side'],
    ['swarmway pipe < log.txt', 'connect two programs; shows the name'],
    ['swarmway share photos', 'share a folder; shows the key'],
    ['swarmway serve 22', 'let others connect to SSH here; shows the name'],
    ['swarmway proxy', 'serve browser tabs, on ws://127.0.0.1:8080'],
    ['swarmway doctor', 'check what this network allows']
  ])
  return addAbout(root, EXIT_CODES)
}
