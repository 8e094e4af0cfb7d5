// Finds tests that fail now and then: runs the suite several times while the machine is busy with other things.
//
//     npm run test:flakes -- --times 3 --load 2
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOptions } from './flakes/options.mjs'
import { listFailures, readReport } from './flakes/report.mjs'
import { runRound } from './flakes/round.mjs'

const { config, files, load, times } = parseOptions(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'swarmway-flakes-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const rounds = []
for (let number = 1; number <= times; number++) {
  console.log(`Round ${number} of ${times}, beside ${load} busy loops ...`)
  const output = join(folder, `${number}.json`)
  const { code, seconds } = await runRound({ config, files, load, output })
  const { failures, passed } = readReport(output, code)
  rounds.push({ number, failures })
  console.log(`  ${passed} passed, ${failures.length} failed, in ${seconds} s`)
}

const lines = listFailures(rounds)
console.log(lines.length === 0 ? `No test failed in ${times} rounds.` : ['Failed:', ...lines].join('\n'))
process.exitCode = lines.length === 0 ? 0 : 1
