import { Command, Help, type HelpConfiguration } from 'commander'
import { addAbout } from './shared/command/about.js'
import { addExamples } from './shared/command/examples.js'
import { VERSION } from './shared/command/version.js'

/** A description in a narrower column is on lines of its own. */
const MIN_DESCRIPTION_COLUMNS = 24
const GAP_COLUMNS = 4
const INDENT = ' '.repeat(6)

/** How the help of all commands is laid out: also on narrow terminals, every line fits. */
const HELP_LAYOUT: HelpConfiguration = {
  sortOptions: false,
  showGlobalOptions: false,
  minWidthToWrap: MIN_DESCRIPTION_COLUMNS,
  // Each has options.
  subcommandTerm: (command) => Help.prototype.subcommandTerm.call(new Help(), command).replace(' [options]', ''),
  formatItem(term, termWidth, description, helper) {
    const columns = (helper.helpWidth ?? 80) - INDENT.length
    if (columns + INDENT.length - termWidth - GAP_COLUMNS >= MIN_DESCRIPTION_COLUMNS) {
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper)
    }
    return `  ${term}\n${INDENT}${helper.boxWrap(description, columns).replaceAll('\n', `\n${INDENT}`)}`
  }
}

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
