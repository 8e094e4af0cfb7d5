import { describe, expect, test } from 'vitest'
import { toClientRequest } from '../../../src/client/client-request.js'

describe('what authenticate is shown of a request', () => {
  test('path, query, headers, origin and cookies', () => {
    const headers = {
      host: 'proxy.example',
      origin: 'https://app.example',
      cookie: 'session=abc%20def; theme="dark"; empty=; session=second; broken; bad=%E0%A4%A',
      'x-many': ['a', 'b'],
      missing: undefined
    }
    const request = toClientRequest({ url: '/proxy?token=a%2Bb&token=second&flag', headers })
    expect(request).toEqual({
      url: '/proxy?token=a%2Bb&token=second&flag',
      headers: { host: 'proxy.example', origin: 'https://app.example', cookie: headers.cookie, 'x-many': 'a, b' },
      origin: 'https://app.example',
      cookies: { session: 'abc def', theme: 'dark', empty: '', bad: '%E0%A4%A' },
      query: { token: 'a+b', flag: '' }
    })
  })

  test('a program without cookies, and no request at all', () => {
    expect(toClientRequest({ headers: {} })).toEqual({ url: '/', headers: {}, origin: null, cookies: {}, query: {} })
    expect(toClientRequest(null)).toBeNull()
  })

  test('names that every object has are only what the client sent', () => {
    const request = toClientRequest({
      url: '/?__proto__=a&constructor=b',
      headers: { cookie: '__proto__=c; toString=d' }
    })
    expect(Object.entries(request?.query ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b']
    ])
    expect(request?.cookies['toString']).toBe('d')
    expect(request?.cookies['valueOf']).toBeUndefined()
    expect(Object.prototype).not.toHaveProperty('a')
  })
})
