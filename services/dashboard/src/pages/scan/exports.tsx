/** Downloads straight from the API: the browser has the cookie. */
const FORMATS = [
  ['ndjson', 'NDJSON'],
  ['csv', 'CSV'],
  ['xml', 'nmap XML'],
  ['gnmap', 'grepable'],
] as const

export function Exports({ id }: { readonly id: string }) {
  return (
    <div className="row">
      <span className="quiet small">Export</span>
      {FORMATS.map(([format, name]) => (
        <a
          key={format}
          className="button small"
          href={`/v1/scans/${id}/results?format=${format}`}
          download={`scan-${id}.${format}`}
        >
          {name}
        </a>
      ))}
    </div>
  )
}
