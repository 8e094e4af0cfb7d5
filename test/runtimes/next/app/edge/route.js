// The same in the edge runtime.
import { meet } from '../../meet.js'

export const runtime = 'edge'

export async function GET(request) {
  const { searchParams } = new URL(request.url)
  return new Response(await meet(searchParams.get('server'), 'next-edge'))
}
