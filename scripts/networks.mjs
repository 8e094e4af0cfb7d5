/** `npm run test:networks`: checks that the machine can run the tier, and runs it. Help: `-- --help`. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { missingRequirements } from '../test/networks/lab/requirements.mjs'

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const USAGE = `Usage: npm run test:networks -- [options] [files] [options of vitest]
  --quick        about two minutes: a few short outages, without hyperswarm
  --full         everything, for about 20 minutes: outages of 10 minutes, 50 hosts on a local network
  --rounds N     how often each system is measured; 4, or 1 with --quick
  --write        writes the table to bench/results/networks.md and networks.json
  --if-possible  succeeds, with a sentence, where namespaces or programs are missing
It needs Linux, root, network namespaces, a C compiler and iproute2.`

process.exitCode = await main(process.argv.slice(2))

async function main(args) {
  const { environment, isHelp, isOptional, rest } = parse(args)
  if (!/^[1-9]\d*$/.test(environment.NETWORKS_ROUNDS ?? '1')) {
    console.error('--rounds takes a whole number, 1 or more.')
    return 2
  }
  if (isHelp) {
    console.log(USAGE)
    return 0
  }
  const missing = missingRequirements()
  if (missing.length === 0) return run(rest, environment)
  console.error(`test:networks cannot run here.\n${missing.map((line) => `  ${line}`).join('\n')}`)
  return isOptional ? 0 : 1
}

/** What is not ours is for vitest. */
function parse(args) {
  const environment = {}
  const rest = []
  const queue = [...args]
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--quick' || arg === '--full') environment.NETWORKS_EXTENT = arg.slice(2)
    else if (arg === '--rounds') environment.NETWORKS_ROUNDS = queue.shift() ?? ''
    else if (arg === '--write') environment.NETWORKS_WRITE = '1'
    else if (arg !== '--if-possible' && arg !== '--help') rest.push(arg)
  }
  return { environment, rest, isHelp: args.includes('--help'), isOptional: args.includes('--if-possible') }
}

function run(args, environment) {
  // Should this process be killed, so is vitest, and with it everything else.
  const command = [
    '--pdeathsig',
    'KILL',
    process.execPath,
    VITEST,
    'run',
    '--config',
    'test/tiers/networks.config.ts',
    ...args
  ]
  const child = spawn('setpriv', command, { stdio: 'inherit', env: { ...process.env, ...environment } })
  // The terminal sends Ctrl-C to both. vitest ends its processes, and the networks end with them.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
