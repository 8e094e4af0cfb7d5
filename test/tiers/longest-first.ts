import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that wait for real networks for 10 s and more. */
const LONGEST = [
  'packages/swarm/test/integration/lan.test.ts',
  'packages/proxy-client/test/integration/reconnect.test.ts',
  'packages/swarm/test/integration/interop.test.ts',
  'packages/swarm/test/integration/compat/hyperswarm2.test.ts',
  'packages/cli/test/proxy/workers.test.ts',
  'packages/proxy-client/test/contract/proxied.test.ts'
]

/** Runs the longest files first, so that none runs alone at the end: on a fresh clone, vitest knows no durations. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(name))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
