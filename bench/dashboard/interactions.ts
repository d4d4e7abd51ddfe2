/** What somebody does with a long list, and how long the page keeps them waiting. */
import type { Page } from 'playwright-core'

export type Interaction = {
  readonly name: string
  readonly path: string
  readonly act: (page: Page) => Promise<void>
}

/** Turns of the wheel, enough to load and pass some thousands of lines. */
const TURNS = 60
const QUERY_BOX = { name: 'Search endpoints' } as const

export const INTERACTIONS: readonly Interaction[] = [
  {
    name: 'scroll',
    path: '/search?q=has:service',
    async act(page) {
      await page.locator('.rows').hover()
      for (let turn = 0; turn < TURNS; turn++) await page.mouse.wheel(0, 1_500)
    },
  },
  {
    name: 'scroll by keys',
    path: '/search?q=has:service',
    async act(page) {
      await page.locator('.rows').focus()
      for (let turn = 0; turn < TURNS; turn++) await page.keyboard.press('PageDown')
    },
  },
  {
    name: 'type a query',
    path: '/search?q=has:service',
    async act(page) {
      await page.getByRole('combobox', QUERY_BOX).fill('')
      await page.keyboard.type('service:ssh version:<9.6')
      await page.keyboard.press('Enter')
      await page.waitForURL(/ssh/)
    },
  },
  {
    name: 'narrow by a facet',
    path: '/search?q=has:service',
    async act(page) {
      await page.locator('.facet button').first().click()
      await page.waitForURL(/port/)
    },
  },
  {
    name: 'sort',
    path: '/search?q=has:service',
    async act(page) {
      await page.getByLabel('Order').selectOption('port')
      await page.locator('.rows-line').first().waitFor()
    },
  },
  {
    name: 'open a host',
    path: '/search?q=has:service',
    async act(page) {
      await page.locator('.rows-line a').first().click()
      await page.getByRole('heading', { level: 1, name: /^10\./ }).waitFor()
    },
  },
]

/**
 * The longest time from an input to the next paint (Event Timing: `duration`, in steps of 8 ms), and the longest time
 * between two frames, which is what a wheel shows: browsers time no scrolling as an event.
 */
const WATCH = `
  globalThis.watch = { slowest: 0 }
  let before = performance.now()
  const frame = (now) => {
    watch.slowest = Math.max(watch.slowest, now - before)
    before = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watch.slowest = Math.max(watch.slowest, duration)
  }).observe({ type: 'event', durationThreshold: 16 })`

export async function watchPaints(page: Page): Promise<void> {
  await page.evaluate(`{ ${WATCH} }`)
}

/** Milliseconds, since it is watched. */
export async function slowestPaint(page: Page): Promise<number> {
  // So that the last interaction has been painted and reported.
  await page.waitForTimeout(300)
  return page.evaluate<number>('watch.slowest')
}
