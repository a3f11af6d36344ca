// Idempotency keys. `crypto.randomUUID` exists in secure contexts only, and a farm's page is often
// plain http on a LAN address.

/** A new key of 32 hexadecimal digits. */
export function newKey(): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
