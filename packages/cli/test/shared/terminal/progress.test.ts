import { expect, onTestFinished, test, vi } from 'vitest'
import { ProgressMeter, progressBar, progressText } from '../../../src/shared/terminal/progress.js'
import { ProgressDisplay, type ProgressOutput } from '../../../src/shared/terminal/progress-display.js'
import { Status } from '../../../src/shared/terminal/status.js'

function meterAt(totalBytes: number, presentBytes = 0) {
  let atMs = 0
  const meter = new ProgressMeter(totalBytes, presentBytes, () => atMs)
  return { meter, pass: (ms: number) => (atMs += ms) }
}

test('bytes, rate and time left', () => {
  const { meter, pass } = meterAt(20_000_000)
  meter.add(5_000_000)
  pass(2000)
  expect(progressText(meter.read())).toBe('25%  5.0 MB of 20.0 MB  2.5 MB/s  6 s left')
  meter.add(15_000_000)
  expect(progressText(meter.read())).toBe('100%  20.0 MB of 20.0 MB')
})

test('the rate covers the last seconds, without bytes that were there before', () => {
  const { meter, pass } = meterAt(100_000_000, 50_000_000)
  for (let second = 0; second < 10; second++) {
    meter.add(1_000_000)
    pass(1000)
    meter.read()
  }
  for (let second = 0; second < 6; second++) {
    meter.add(4_000_000)
    pass(1000)
    meter.read()
  }
  expect(meter.read()).toMatchObject({ doneBytes: 84_000_000, bytesPerSecond: 4_000_000 })
})

test('having nothing to do, or receiving nothing, is shown sensibly', () => {
  expect(progressText(meterAt(0).meter.read())).toBe('100%  0 B of 0 B')
  const { meter, pass } = meterAt(1000)
  pass(1000)
  expect(progressText(meter.read())).toBe('0%  0 B of 1.0 kB  0 B/s')
  meter.add(5000)
  expect(meter.read().doneBytes).toBe(1000)
})

test('the bar is full only when everything is there', () => {
  const at = (doneBytes: number) => progressBar({ doneBytes, totalBytes: 1000, bytesPerSecond: 0 })
  expect(at(0)).toBe(`[>${' '.repeat(23)}]`)
  expect(at(999)).toBe(`[${'='.repeat(23)}>]`)
  expect(at(1000)).toBe(`[${'='.repeat(24)}]`)
})

function display(isTTY: boolean, meter: ProgressMeter, columns = 80) {
  const written: string[] = []
  const output: ProgressOutput = { isTTY, columns, write: (text) => written.push(text) }
  const made = new ProgressDisplay({ bottomLine: null }, meter, output)
  onTestFinished(() => made.end())
  return { made, written }
}

test('without a terminal there is a plain line for each tenth', () => {
  const { meter, pass } = meterAt(1000)
  const { made, written } = display(false, meter)
  for (let step = 0; step < 5; step++) {
    meter.add(50)
    pass(100)
    made.draw()
  }
  made.end()
  expect(written).toEqual(['10%  100 B of 1.0 kB  500 B/s  2 s left\n', '20%  200 B of 1.0 kB  500 B/s  2 s left\n'])
})

/** A transfer that was over before the next look ended at 28 % and then said "Done". */
test.each([
  ['of all of it, if everything is there', 720, ['28%  280 B of 1.0 kB  0 B/s\n', '100%  1.0 kB of 1.0 kB\n']],
  ['of what is there, if not', 719, ['28%  280 B of 1.0 kB  0 B/s\n']]
])('without a terminal, the last line is that %s', (_, bytes, lines) => {
  const { meter } = meterAt(1000)
  const { made, written } = display(false, meter)
  meter.add(280)
  made.draw()
  meter.add(bytes)
  made.end()
  made.end()
  expect(written).toEqual(lines)
})

test('on a terminal there is one line, cut to its width and removed at the end', () => {
  const { made, written } = display(true, meterAt(1000).meter, 30)
  made.draw()
  expect(written.at(-1)).toBe('\r\x1b[K0%  0 B of 1.0 kB  0 B/s')
  made.end()
  expect(written.at(-1)).toBe('\r\x1b[K')
})

/** "98%  312.1 MB of 315.6 MB  0 s leftNot sent, because it was changed": a message began where the bar ended. */
test('a message goes above the bar, as long as there is one', () => {
  let shown = ''
  const output = { isTTY: true, columns: 30, write: (text: string) => (shown += text) }
  const status = new Status({ write: output.write })
  const made = new ProgressDisplay(status, meterAt(1000).meter, output)
  onTestFinished(() => made.end())
  made.draw()
  status.tell('One.')
  status.say('Two.')
  const bar = '\r\x1b[K0%  0 B of 1.0 kB  0 B/s'
  expect(shown).toBe(`${bar}\r\x1b[KOne.\n${bar}\r\x1b[KTwo.\n${bar}`)
  made.end()
  status.tell('Three.')
  expect(shown.endsWith(`${bar}\r\x1b[KThree.\n`)).toBe(true)
})

test('where there is no bar, messages are lines among the others', () => {
  let shown = ''
  const output = { isTTY: false, write: (text: string) => (shown += text) }
  const status = new Status(output)
  const made = new ProgressDisplay(status, meterAt(1000).meter, output)
  status.tell('One.')
  made.end()
  expect(shown).toBe('One.\n')
})

/** At 20 columns there was only the bar, and no figure; and then "1 min 3" of "1 min 36 s left". */
test.each([
  [40, '0%  0 B of 1.0 kB  0 B/s'],
  [25, '0%  0 B of 1.0 kB  0 B/s'],
  [24, '0%  0 B of 1.0 kB'],
  [17, '0%'],
  [1, '0%']
])('a terminal of %i columns shows the figures that fit, without the bar', (columns, figures) => {
  const { made, written } = display(true, meterAt(1000).meter, columns)
  made.draw()
  expect(written.at(-1)).toBe(`\r\x1b[K${figures}`)
})

/** Measured by the time of day, a transfer took a day, or less than nothing, after a clock change. */
test.each([-86_400_000, 86_400_000])('the rate does not jump with the time of day, by %i ms', (jumpMs) => {
  const date = Date.now()
  const moment = vi.spyOn(performance, 'now').mockReturnValue(1000)
  const meter = new ProgressMeter(10_000, 0)
  vi.spyOn(Date, 'now').mockReturnValue(date + jumpMs)
  moment.mockReturnValue(2000)
  meter.add(500)
  expect(meter.read().bytesPerSecond).toBe(500)
  vi.restoreAllMocks()
})
