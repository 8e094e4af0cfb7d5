// A Cloudflare Worker that meets the peer when it is asked to.
import { meet } from './meet.js'

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url)
    return new Response(await meet(searchParams.get('server'), searchParams.get('name')))
  }
}
