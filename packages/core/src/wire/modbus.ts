/**
 * Modbus TCP (Modbus messaging on TCP/IP implementation guide, section 3.1.3):
 *
 *   adu       = transaction(2) 0(2) length(2) unit(1) function(1) data
 *   exception = function + 0x80, code(1)
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export interface ModbusAdu {
  readonly transaction: number
  readonly unit: number
  readonly code: number
  readonly data: Uint8Array
}

export function modbusAdu({ transaction, unit, code, data }: ModbusAdu): Uint8Array {
  const writer = new Writer()
    .u16(transaction)
    .u16(0)
    .u16(2 + data.length)
  return writer.u8(unit).u8(code).bytes(data).finish()
}

/** The first frame when it has come whole; the guide allows 254 bytes behind the length. */
export function parseModbus(bytes: Uint8Array): ModbusAdu | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const transaction = reader.u16()
    if (reader.u16() !== 0) return null
    const length = reader.u16()
    if (length < 3 || length > 254) return null
    const body = new Reader(reader.take(length))
    return { transaction, unit: body.u8(), code: body.u8(), data: body.rest() }
  })
}
