type FormButtonsProps = { readonly verb: string; readonly isPending: boolean; readonly onClose: () => void }

/** The end of every form in a dialog. */
export const FormButtons = ({ verb, isPending, onClose }: FormButtonsProps) => (
  <div className="actions">
    <button type="submit" className="button primary" disabled={isPending}>
      {verb}
    </button>
    <button type="button" className="button" onClick={onClose}>
      Close
    </button>
  </div>
)
