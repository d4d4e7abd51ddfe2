// Before the first paint, so that no page flashes in the other theme. The choice is made in src/app/theme.ts.
try {
  const theme = localStorage.getItem('portolan.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the system's theme it is.
}
