import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../shared/run.mjs'

/** The database of Hypercore is most of an installation, and only `share` and `get` need it. */
const MAX_MB = 75
const EXIT_UNUSABLE = 6
const TIMEOUT_MS = 60_000

/**
 * Installs the command line without its optional dependencies: everything but `share` and `get` works. The folder lies
 * outside the other installation, whose packages would be found from within it.
 */
export async function checkWithoutOptional(packages, report) {
  const folder = await mkdtemp(join(tmpdir(), 'swarmway-smoke-'))
  try {
    await checkIn(folder, packages, report)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function checkIn(folder, packages, report) {
  await report.check('npm install --omit=optional swarmway', () => install(packages, folder))
  const network = await createNetwork(folder)
  const cli = new Cli(folder, network.bootstrap)
  try {
    await report.check('without optional packages: send and receive', () => checkSend(cli, folder))
    await report.check('without optional packages: pipe', () => checkPipe(cli, cli.native))
    await report.check('without optional packages: serve and connect', () => checkServe(cli))
    await report.check('without optional packages: proxy, and pipe through it', () => checkProxied(cli))
    for (const args of [
      ['share', folder],
      ['get', 'y'.repeat(52), folder]
    ]) {
      await report.check(`without optional packages: ${args[0]} says what to install`, () => checkMissing(cli, args))
    }
  } finally {
    cli.killAll()
    await network.destroy()
  }
}

async function install(packages, folder) {
  const tarballs = packages.map((pkg) => [pkg.name, `file:${pkg.tarball}`])
  const manifest = { name: 'smoke', private: true, type: 'module', dependencies: Object.fromEntries(tarballs) }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  const options = ['--omit=optional', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
  await run('npm', ['install', ...options, '--loglevel=error'], folder)
  const [kib = ''] = (await run('du', ['-sk', 'node_modules'], folder)).split('\t')
  const mb = (Number(kib) * 1024) / 1e6
  if (mb > MAX_MB) throw new Error(`It takes ${mb.toFixed(0)} MB, and the ceiling is ${MAX_MB} MB.`)
  return `${mb.toFixed(0)} of ${MAX_MB} MB`
}

/** A DHT of the installed packages, on this machine only. */
async function createNetwork(folder) {
  const require = createRequire(join(folder, 'node_modules/@swarmway/swarm/package.json'))
  const testnet = await require('hyperdht/testnet.js')(3, { host: '127.0.0.1' })
  const [{ host, port }] = testnet.bootstrap
  return { bootstrap: `${host}:${port}`, destroy: () => testnet.destroy() }
}

async function checkSend(cli, folder) {
  await writeFile(join(folder, 'note.txt'), 'hello')
  const sending = cli.start(['send', 'note.txt', ...cli.native])
  const code = await sending.saysMatch(/receive ([a-z]+(?:-[a-z]+){4})/)
  const receiving = cli.start(['receive', code, 'received', '--yes', ...cli.native])
  await receiving.endsWith(0)
  await sending.endsWith(0)
  assertEqual(await readFile(join(folder, 'received/note.txt'), 'utf8'), 'hello')
}

async function checkPipe(cli, way) {
  const sides = ['one', 'other'].map((text) => cli.start(['pipe', 'smoke test', ...way], text))
  for (const side of sides) await side.endsWith(0)
  assertEqual(sides.map(({ stdout }) => stdout).join(), 'other,one')
}

async function checkServe(cli) {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  try {
    const serving = cli.start(['serve', String(echo.address().port), ...cli.native])
    const connecting = cli.start(['connect', await serving.printsMatch(/^(\S+)\n/), ...cli.native])
    const port = await connecting.printsMatch(/^\S+:(\d+)\n/)
    const socket = connectTcp(Number(port), '127.0.0.1')
    socket.end('hello')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    assertEqual(answer, 'hello')
  } finally {
    echo.close()
  }
}

async function checkProxied(cli) {
  const proxy = cli.start(['proxy', '--port', '0', '--bootstrap', cli.bootstrap, '--dht-host', '127.0.0.1'])
  const url = await proxy.printsMatch(/(ws:\/\/[^"\s]+)/)
  await checkPipe(cli, ['--proxy', url])
}

async function checkMissing(cli, args) {
  const command = cli.start([...args, ...cli.native])
  await command.endsWith(EXIT_UNUSABLE)
  for (const part of ['packages that are not installed', '--omit=optional', 'swarmway send']) {
    if (!command.stderr.includes(part)) throw new Error(`It does not say "${part}":\n${command.stderr}`)
  }
}

/** The installed command, started several times. */
class Cli {
  #running = []

  constructor(folder, bootstrap) {
    this.folder = folder
    this.bootstrap = bootstrap
    this.native = ['--bootstrap', bootstrap, '--host', '127.0.0.1']
  }

  start(args, input = '') {
    const command = new Running(join(this.folder, 'node_modules/.bin/swarmway'), args, this.folder)
    command.child.stdin.on('error', () => {})
    command.child.stdin.end(input)
    this.#running.push(command)
    return command
  }

  killAll() {
    for (const { child } of this.#running) child.kill('SIGKILL')
  }
}

/** A command and what it has written. */
class Running {
  stdout = ''
  stderr = ''
  #onOutput = () => {}

  constructor(path, args, cwd) {
    this.name = `swarmway ${args[0]}`
    this.child = spawn(path, args, { cwd, timeout: TIMEOUT_MS, env: { ...process.env, XDG_DATA_HOME: cwd } })
    for (const name of ['stdout', 'stderr']) {
      this.child[name].on('data', (chunk) => {
        this[name] += chunk
        this.#onOutput()
      })
    }
    this.closed = once(this.child, 'close')
    this.closed.then(() => this.#onOutput())
  }

  saysMatch(pattern) {
    return this.#matches('stderr', pattern)
  }

  printsMatch(pattern) {
    return this.#matches('stdout', pattern)
  }

  async endsWith(code) {
    const [actual, signal] = await this.closed
    if (actual !== code) throw new Error(`${this.name} ended with ${signal ?? `exit code ${actual}`}.\n${this.stderr}`)
  }

  /** The first group of the pattern, once it is there. */
  #matches(name, pattern) {
    return new Promise((resolve, reject) => {
      this.#onOutput = () => {
        const match = pattern.exec(this[name])
        if (match !== null) resolve(match[1])
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`${this.name} ended.\n${this.stdout}${this.stderr}`))
        }
      }
      this.#onOutput()
    })
  }
}

function assertEqual(actual, expected) {
  if (actual !== expected) throw new Error(`It is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}.`)
}
