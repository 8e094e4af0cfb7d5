/** GitHub's workflows cannot run here, so these tests check what can be checked without running them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

interface Job {
  'runs-on': string
  'timeout-minutes': number
  permissions?: Record<string, string>
  strategy?: { matrix: { node: string[] } }
  steps: { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }[]
}

interface Workflow {
  name: string
  on: Record<string, unknown>
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const root = new URL('../../', import.meta.url)
const folder = new URL('.github/workflows/', root)
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object }

describe.each(workflows)('$name', ({ text }) => {
  // Strict: a duplicate key is an error.
  const workflow = parse(text, { strict: true, uniqueKeys: true }) as Workflow
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps)

  test('may only read the repository, unless a job says otherwise', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  test('each job has a time limit, and runs on a hosted machine', () => {
    for (const job of jobs) {
      expect(job['runs-on']).toBe('ubuntu-latest')
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    }
  })

  test("each step either uses one of GitHub's own actions at a major version, or runs something", () => {
    for (const { uses, run } of steps) {
      expect([uses, run].filter((value) => value !== undefined)).toHaveLength(1)
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/)
    }
  })

  test('everything it runs exists', () => {
    for (const { run = '' } of steps) {
      const [, script] = /^npm run ([\w:]+)/.exec(run) ?? []
      const [, file] = /^bash (\S+)$/.exec(run) ?? []
      if (script !== undefined) expect(scripts).toHaveProperty(script)
      else if (run !== '') expect(existsSync(new URL(file ?? 'not understood', root)), run).toBe(true)
    }
  })

  // Without FIREFOX, the tests in Firefox are skipped where none is found.
  test('the checks run in both browsers', () => {
    const [checks] = steps.filter(({ run }) => run === 'bash .ci/run')
    expect(checks?.env).toEqual({ CHROMIUM: '/usr/bin/google-chrome', FIREFOX: '/usr/bin/firefox' })
  })

  test('contains no secret and receives none', () => {
    expect(text).not.toMatch(/secrets\.|_authToken|NODE_AUTH_TOKEN|npm_[A-Za-z0-9]{36}/)
  })
})

test('ci.yml runs everything on the oldest supported Node, for pushes and pull requests', () => {
  const { on, jobs } = read('ci.yml')
  expect(Object.keys(on)).toEqual(['push', 'pull_request'])
  expect(jobs['check']?.strategy?.matrix.node[0]).toBe('20.19')
  expect(jobs['check']?.steps.map(({ run }) => run)).toContain('bash .ci/run')
})

test('release.yml publishes only tags, after all checks, with an identity that GitHub vouches for', () => {
  const { on, jobs } = read('release.yml')
  expect(on).toEqual({ push: { tags: ['v*'] } })
  expect(Object.values(jobs).map((job) => job.permissions?.['id-token'])).toEqual(['write'])
  const runs = Object.values(jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []))
  expect(runs).toEqual(['bash .ci/run', 'npm run release'])
})

function read(name: string): Workflow {
  return parse(readFileSync(new URL(name, folder), 'utf8')) as Workflow
}
