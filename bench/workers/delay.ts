import { DelayedNet } from '../lib/delayed-net.ts'
import { serve } from '../lib/worker.ts'

serve({
  start: ({ hosts, rttMs }: { hosts: number; rttMs: number }) => new DelayedNet(rttMs).start(hosts)
})
