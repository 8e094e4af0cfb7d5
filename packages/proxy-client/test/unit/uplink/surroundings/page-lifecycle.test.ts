/** What an uplink learns of its page. */
import { expect, onTestFinished, test } from 'vitest'
import { watchPage } from '../../../../src/uplink/surroundings/page-lifecycle.js'

test('a page that is hidden for good is closed, one that may return is cached', () => {
  const page = new EventTarget()
  const { addEventListener, removeEventListener } = page
  const globals = {
    onpagehide: null,
    addEventListener: addEventListener.bind(page),
    removeEventListener: removeEventListener.bind(page)
  }
  Object.assign(globalThis, globals)
  onTestFinished(() => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name)
  })
  const heard: string[] = []
  const stop = watchPage({ onClose: () => heard.push('closed'), onCached: () => heard.push('cached') })
  const hide = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
  hide(true)
  hide(false)
  stop()
  hide(false)
  expect(heard).toEqual(['cached', 'closed'])
})

test('where there are no pages, nothing is listened to', () => {
  expect(watchPage({ onClose: () => {}, onCached: () => {} })).not.toThrow()
})
