import { notify } from './notices.tsx'

/** Puts text on the clipboard; pages over plain HTTP on another machine have none, and then it is selected by hand. */
export function Copy({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      notify('Copied')
    } catch {
      notify('The browser does not let this page copy; select the text instead', 'failed')
    }
  }
  return (
    <button type="button" className="button small" onClick={copy}>
      {label}
    </button>
  )
}
