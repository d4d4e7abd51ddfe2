/** Light, dark, or what the system says. public/theme.js sets it before the first paint. */
import { useState } from 'react'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'portolan.theme'
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

function stored(): Theme {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState(stored)
  const turn = () => {
    const next = NEXT[theme]
    if (next === 'system') {
      delete document.documentElement.dataset.theme
      localStorage.removeItem(KEY)
    } else {
      document.documentElement.dataset.theme = next
      localStorage.setItem(KEY, next)
    }
    setTheme(next)
  }
  return [theme, turn]
}
