/** The page of the command line, from what its own `--help` prints. */
import { program } from '../../../packages/cli/src/program.ts'

type Command = ReturnType<typeof program>

const NOTE = '<!-- Made by `npm run docs` from `swarmway --help`: change packages/cli. -->'
const COLUMNS = 100

/** Markdown: a section for each command. */
export function commandLine(): string {
  const root = program()
  const sections = [root, ...root.commands.filter(({ commands }) => commands.length === 0)]
  return [NOTE, '# The command line', '`npx swarmway <command>`, or `swarmway` once it is installed.']
    .concat(sections.map(section))
    .join('\n\n')
}

function section(command: Command): string {
  const title = command.parent === null ? 'swarmway' : `swarmway ${command.name()}`
  return `## ${title}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``
}

/** As on a terminal of some width, with the text around it, without colours. */
function helpOf(command: Command): string {
  const parts: string[] = []
  command.configureHelp({ ...command.configureHelp(), helpWidth: COLUMNS })
  command.configureOutput({
    writeOut: (part) => void parts.push(part),
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false
  })
  command.outputHelp()
  return parts.join('').trimEnd()
}
