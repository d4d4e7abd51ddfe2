/**
 * nmap's XML output, so that whatever reads nmap reads Portolan: ndiff, and the importers of vulnerability managers.
 * The DTD fixes the value of `scanner`; who really scanned stands in `args`.
 */
import { countPorts, formatPorts, type PortRange } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { createHostGroup } from './by-host.ts'
import { cpeUri } from './cpe-uri.ts'
import { certificateOf, type EndpointRecord, type ServiceRecord } from './endpoint-record.ts'
import type { ResultWriter, RunFacts, RunSummary } from './result-writer.ts'
import { xmlAttributes, xmlText } from './xml-text.ts'

export function createNmapXmlWriter(): ResultWriter {
  const group = createHostGroup()
  let started = 0
  return {
    start(run) {
      started = seconds(run.startedAt)
      return header(run)
    },
    endpoint: (endpoint) => hostElement(group.add(endpoint), started),
    end: (summary) => hostElement(group.rest(), started) + footer(summary, started),
  }
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

function header({ version, startedAt, command, ports, tcpEngine }: RunFacts): string {
  const run = xmlAttributes({
    scanner: 'nmap',
    args: `portolan ${version}: ${command}`,
    start: seconds(startedAt),
    startstr: new Date(startedAt).toUTCString(),
    version,
    xmloutputversion: '1.05',
  })
  const scaninfo = (type: string, protocol: Transport, ranges: readonly PortRange[]) =>
    ranges.length === 0
      ? ''
      : `<scaninfo${xmlAttributes({
          type,
          protocol,
          numservices: countPorts(ranges),
          services: formatPorts({ tcp: ranges, udp: [] }),
        })}/>\n`
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n' +
    `<nmaprun${run}>\n${scaninfo(tcpEngine, 'tcp', ports.tcp)}${scaninfo('udp', 'udp', ports.udp)}` +
    '<verbose level="0"/>\n<debugging level="0"/>\n'
  )
}

function hostElement(endpoints: readonly EndpointRecord[], started: number): string {
  const [first] = endpoints
  if (!first) return ''
  const { ip, hostname } = first
  const answered = endpoints.find((endpoint) => endpoint.rtt !== null) ?? first
  const status = xmlAttributes({ state: 'up', reason: answered.reason, reason_ttl: 0 })
  const address = xmlAttributes({ addr: ip, addrtype: ip.includes(':') ? 'ipv6' : 'ipv4' })
  const names = hostname ? `<hostname${xmlAttributes({ name: hostname, type: 'user' })}/>` : ''
  return (
    `<host${xmlAttributes({ starttime: started })}><status${status}/>\n<address${address}/>\n` +
    `<hostnames>${names}</hostnames>\n<ports>${endpoints.map(portElement).join('')}</ports>\n</host>\n`
  )
}

function portElement({ port, transport, state, reason, service }: EndpointRecord): string {
  const verdict = xmlAttributes({ state, reason, reason_ttl: 0 })
  const id = xmlAttributes({ protocol: transport, portid: port })
  return `<port${id}><state${verdict}/>${service ? serviceElement(service) : ''}</port>\n`
}

function serviceElement(service: ServiceRecord): string {
  const { name, product, version, info, os, device, hostname, method, confidence, tls, cpe } = service
  const attributes = xmlAttributes({
    name,
    product,
    version,
    extrainfo: info,
    tunnel: tls ? 'ssl' : null,
    hostname,
    ostype: os,
    devicetype: device,
    method,
    // nmap counts confidence in tenths; 0 would mean "not a service at all".
    conf: Math.min(10, Math.max(1, Math.round(confidence * 10))),
  })
  const names = cpe.map((text) => `<cpe>${xmlText(cpeUri(text))}</cpe>`).join('')
  const certificate = certificateOf(service)
  const script = certificate ? certificateScript(certificate) : ''
  return `<service${attributes}>${names}</service>${script}`
}

/** The shape nmap's ssl-cert script gives to the same facts; readers look for exactly these words. */
function certificateScript(certificate: NonNullable<ReturnType<typeof certificateOf>>): string {
  const { subject, issuer, names, notBefore, notAfter, keyType, keyBits, sha256 } = certificate
  const lines = [
    `Subject: ${subject}`,
    names.length > 0 ? `Subject Alternative Name: ${names.map((name) => `DNS:${name}`).join(', ')}` : null,
    `Issuer: ${issuer}`,
    `Public Key type: ${keyType}`,
    keyBits === null ? null : `Public Key bits: ${keyBits}`,
    `Not valid before: ${notBefore.replace(/(\.\d+)?Z$/, '')}`,
    `Not valid after:  ${notAfter.replace(/(\.\d+)?Z$/, '')}`,
    `SHA-256: ${sha256}`,
  ]
  const output = lines.filter((line) => line !== null).join('\n')
  return `<script${xmlAttributes({ id: 'ssl-cert', output })}/>`
}

function footer({ finishedAt, hosts, up, outcome, message }: RunSummary, started: number): string {
  const elapsed = Math.max(0, finishedAt / 1000 - started).toFixed(2)
  const finished = xmlAttributes({
    time: seconds(finishedAt),
    timestr: new Date(finishedAt).toUTCString(),
    summary: `Portolan ${outcome === 'success' ? 'done' : 'ended early'}; ${hosts} addresses (${up} up) scanned in ${elapsed} seconds`,
    elapsed,
    exit: outcome,
    errormsg: message,
  })
  const counts = xmlAttributes({ up, down: Math.max(0, hosts - up), total: hosts })
  return `<runstats><finished${finished}/><hosts${counts}/>\n</runstats>\n</nmaprun>\n`
}
