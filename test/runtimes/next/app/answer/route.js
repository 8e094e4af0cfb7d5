// A route: a client of a proxy server, on the server.
import { meet } from '../../meet.js'

export async function GET(request) {
  const { searchParams } = new URL(request.url)
  return new Response(await meet(searchParams.get('server'), 'next-route'))
}
