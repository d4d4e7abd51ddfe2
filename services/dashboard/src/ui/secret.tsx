import { Copy } from './copy.tsx'
import { Dialog } from './dialog.tsx'

type SecretProps = { readonly title: string; readonly secret: string; readonly onClose: () => void }

/** Shown once: the service keeps no copy it could show again. */
export function Secret({ title, secret, onClose }: SecretProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="form">
        <p>Copy it now; it is not shown again.</p>
        <pre className="evidence" data-secret>
          {secret}
        </pre>
        <div className="actions">
          <Copy text={secret} />
          <button type="button" className="button" onClick={onClose}>
            I have it
          </button>
        </div>
      </div>
    </Dialog>
  )
}
