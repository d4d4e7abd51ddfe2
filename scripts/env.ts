export const bootstrapKey = process.env.PORTOLAN_BOOTSTRAP_KEY ?? ''
