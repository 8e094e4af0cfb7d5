import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { MAIN } from '../../support/command.js'

/** As a shell gives it for a process that SIGHUP ended. */
const ENDED_BY_HANG_UP = '129'

/**
 * Node aborted with a core dump when the terminal's window was closed. `script` is part of every Linux; it gives the
 * command a terminal, which closes when `script` is killed.
 */
test.runIf(process.platform === 'linux').each(['chat a-name-for-a-test', 'pipe a-name-for-a-test', 'receive'])(
  '%s ends by the signal when its terminal closes',
  async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'swarmway-hang-up-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const status = join(folder, 'status')
    const nowhere = command === 'receive' ? '' : '--bootstrap 127.0.0.1:1'
    const line = `trap '' HUP; '${process.execPath}' '${MAIN}' ${command} ${nowhere}; echo $? > '${status}'`
    const terminal = spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, HOME: folder } })
    onTestFinished(() => void terminal.kill('SIGKILL'))
    let said = ''
    terminal.stdout.on('data', (data) => {
      said += data
    })
    await until('the command to say something', () => said.includes('\n') || said.includes(':'))
    terminal.kill('SIGKILL')
    await until('the command to end', () => existsSync(status) && readFileSync(status, 'utf8') !== '')
    expect(readFileSync(status, 'utf8').trim()).toBe(ENDED_BY_HANG_UP)
  }
)
