import { spawn } from 'node:child_process'

const TIMEOUT_MS = 180_000

/** Runs a command and resolves to its standard output. Throws an error with all of its output if it fails. */
export function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, shell: process.platform === 'win32', timeout: TIMEOUT_MS })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}.\n${stdout}${stderr}`))
    })
  })
}
