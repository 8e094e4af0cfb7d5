/** Checks that the commands of `sh` blocks exist: npm scripts, files, and `swarmway` with its flags. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '../page.ts'
import { ROOT, readText } from '../root.ts'
import { faultOfSwarmway, isOption } from './swarmway.ts'

type Check = (args: string[], page: Page) => string | null

/** Programs from elsewhere, whose flags are not checked. */
const OTHERS = new Set(
  'apt-get caddy cat cd chmod chown cp curl cut docker echo git head install journalctl kill mkdir nats-server nginx openssl rm seq systemctl systemd-analyze tail tar tee ulimit useradd'.split(
    ' '
  )
)

const CHECKS: Readonly<Record<string, Check>> = {
  npm: faultOfNpm,
  pnpm: faultOfNpm,
  npx: (args, page) => faultOfNpx(args, page),
  sudo: (args, page) => faultOfCommand(args, page),
  node: faultOfFile,
  bash: faultOfFile,
  tsx: faultOfFile,
  swarmway: (args) => faultOfSwarmway(args)
}

/**
 * Our own commands within a sentence. They may be incomplete: `swarmway proxy --token-file`. What begins with
 * `swarmway group` is a text that is signed.
 */
const INLINE = /^(npm run|npm test|pnpm|(npx )?swarmway (?!<|group ))/

/** Options in sentences that belong to other programs, by page; null: all of them. */
const FOREIGN_OPTIONS: Readonly<Record<string, readonly string[] | null>> = {
  'CONTRIBUTING.md': null,
  // Of nats-server, and of Node.
  'docs/decisions/0115-received-bytes-are-garbage-of-node.md': null,
  'docs/fleet.md': ['--tls', '--tlsverify'],
  'docs/production.md': ['--min-semi-space-size', '--trace-gc'],
  'docs/recipes/deploy.md': ['--network']
}

/** Returns a line for each command or option that does not exist. */
export function checkShell(pages: readonly Page[]): string[] {
  return pages.flatMap((page) => [...checkBlocks(page), ...checkSentences(page), ...checkOptions(page)])
}

function checkBlocks(page: Page): string[] {
  const shell = page.blocks.filter(({ lang, directive }) => lang === 'sh' && directive.skip === null)
  return shell.flatMap(({ line, text }) => faultsOf(text, `${page.path}:${line}`, page))
}

function checkSentences(page: Page): string[] {
  const commands = page.inlineCode.filter(({ text }) => INLINE.test(text))
  const faults = commands.flatMap(({ line, text }) => faultsOf(filledIn(text), `${page.path}:${line}`, page))
  return faults.filter((fault) => !/argument missing|missing required|'ARGUMENT'/.test(fault))
}

/** A command with a word for each `<argument>`, and without the `[optional]` ones. */
function filledIn(command: string): string {
  return command
    .replace(/\s/g, ' ')
    .replace(/ \[[^\]]*\]/g, '')
    .replace(/<[^>]*>/g, 'ARGUMENT')
}

/** Options named alone, such as `--json`, must be of some command. */
function checkOptions({ path, inlineCode }: Page): string[] {
  const foreign = FOREIGN_OPTIONS[path]
  if (foreign === null) return []
  return inlineCode.flatMap(({ line, text }) => {
    const [option] = /^--[\w-]+/.exec(text) ?? []
    if (option === undefined || foreign?.includes(option) || isOption(option)) return []
    return [`${path}:${line} no command has the option ${option}`]
  })
}

function faultsOf(script: string, at: string, page: Page): string[] {
  return commandsOf(script).flatMap((words) => {
    const fault = faultOfCommand(words, page)
    return fault === null ? [] : [`${at} ${words.join(' ')}: ${fault}`]
  })
}

/** The words of each command of a script. Understands as much shell syntax as the pages use. */
export function commandsOf(script: string): string[][] {
  const lines = script.replaceAll('\\\n', ' ').split('\n')
  const bare = lines.map((line) => line.replace(/(^|\s)#.*$/, ''))
  return bare
    .flatMap((line) => line.split(/&&|\|\||[|;]|&\s*$/))
    .flatMap((command) => {
      const words = (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
      const redirect = words.findIndex((word) => /^\d?[<>]/.test(word))
      const bareWords = (redirect < 0 ? words : words.slice(0, redirect)).filter((word) => !/^[A-Z_]+=/.test(word))
      return bareWords.length === 0 ? [] : [bareWords]
    })
}

function faultOfCommand([name = '', ...args]: string[], page: Page): string | null {
  if (OTHERS.has(name)) return null
  return CHECKS[name]?.(args, page) ?? (name in CHECKS ? null : `${name} is not a command that the checks know`)
}

function faultOfNpm(args: string[]): string | null {
  const [command = '', name = ''] = args
  if (command === 'install' || command === 'add') return faultOfPackages(args.slice(1))
  if (['ci', 'create', 'init', 'exec', 'pkg'].includes(command)) return null
  const script = command === 'run' ? name : command
  return script in scripts() ? null : `package.json has no script ${script}`
}

function faultOfNpx(args: string[], page: Page): string | null {
  const [name = '', ...rest] = args.filter((arg) => arg !== '-y')
  if (name.startsWith('pnpm@')) return faultOfNpm(rest)
  if (['biome', 'playwright', 'tsc', 'vite', 'vitest'].includes(name)) return null
  return faultOfCommand([name, ...rest], page)
}

/** Packages of our own must exist. */
function faultOfPackages(names: string[]): string | null {
  const ours = names.filter((name) => name.startsWith('@swarmway/'))
  const missing = ours.find((name) => !existsSync(join(ROOT, 'packages', name.slice('@swarmway/'.length))))
  return missing === undefined ? null : `there is no package ${missing}`
}

/** A file of the repository, or one that the page tells the reader to create and so names elsewhere too. */
function faultOfFile(args: string[], { text }: Page): string | null {
  const file = args.find((arg) => !arg.startsWith('-'))
  if (file === undefined || existsSync(join(ROOT, file))) return null
  return text.includes(`\`${file}\``) ? null : `there is no file ${file}`
}

function scripts(): Record<string, string> {
  return (JSON.parse(readText('package.json')) as { scripts: Record<string, string> }).scripts
}
