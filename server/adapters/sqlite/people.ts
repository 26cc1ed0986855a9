import type Database from 'better-sqlite3'
import type { DeviceId, SessionId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Role } from '../../../relay/protocol/records.ts'
import type {
  ApiKeyRow,
  DeviceRow,
  OperatorRow,
  Receipt,
  ReviewRow,
  Reviews,
  SessionRow,
  SessionStatus,
  SigningKeyRow,
} from '../../ports/store.ts'

/** Areas, devices, people, sessions, keys, evidence and reviews: rows in, rows out. Synchronous; runs in the store's worker. */
export class People {
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  areas(): readonly string[] {
    return this.#sql.areas.all()
  }
  addArea(area: string): void {
    this.#sql.addArea.run(area)
  }

  device(id: DeviceId): DeviceRow | null {
    const row = this.#sql.device.get(id)
    return row === undefined ? null : deviceRow(row)
  }
  devices(): readonly DeviceRow[] {
    return this.#sql.devices.all().map(deviceRow)
  }
  putDevice(row: DeviceRow, publicKey: string, at: string): void {
    this.#sql.putDevice.run(row.id, publicKey, row.name, JSON.stringify(row.areas), row.status, at, at)
  }

  operator(id: string): OperatorRow | null {
    const row = this.#sql.operator.get(id)
    return row === undefined ? null : operatorRow(row)
  }
  operators(): readonly OperatorRow[] {
    return this.#sql.operators.all().map(operatorRow)
  }
  putOperator(row: OperatorRow): void {
    this.#sql.putOperator.run(row.id, row.role, JSON.stringify(row.areas), row.pinHash, row.status)
  }

  session(id: SessionId): SessionRow | null {
    return this.#sql.session.get(id) ?? null
  }
  putSession(row: SessionRow, expectedHash?: string): boolean {
    if (expectedHash === undefined) {
      this.#sql.putSession.run(row)
      return true
    }
    return this.#sql.swapSession.run({ ...row, expectedHash }).changes === 1
  }
  /** False when it had ended before. */
  endSession(id: SessionId, status: SessionStatus): boolean {
    return this.#sql.endSession.run(status, id).changes === 1
  }
  /** Those that could still author something: also one that ran out may have commands on their way (W8). */
  revokeSessionsOf(operator: string): readonly SessionId[] {
    return this.#sql.revokeSessions.all(operator)
  }

  apiKey(id: string): ApiKeyRow | null {
    const row = this.#sql.apiKey.get(id)
    return row === undefined ? null : keyRow(row)
  }
  apiKeyByHash(hash: string): ApiKeyRow | null {
    const row = this.#sql.apiKeyByHash.get(hash)
    return row === undefined ? null : keyRow(row)
  }
  putApiKey(row: ApiKeyRow): void {
    this.#sql.putApiKey.run(row.id, row.name, row.hash, row.role, JSON.stringify(row.areas))
  }

  signingKeys(): readonly SigningKeyRow[] {
    return this.#sql.signingKeys.all()
  }
  putSigningKey(row: SigningKeyRow): void {
    this.#sql.putSigningKey.run(row)
  }

  recordReceipts(receipts: readonly Receipt[]): number {
    const known = receipts.filter(({ alert }) => this.#sql.isAlert.get({ alert }) !== undefined)
    for (const receipt of known) this.#sql.addReceipt.run(receipt)
    return receipts.length - known.length
  }
  receipts(alert: string): readonly Receipt[] {
    return this.#sql.receipts.all(alert)
  }

  addReview(row: ReviewRow): void {
    const { device } = row
    const { changes } = this.#sql.addReview.run(row.kind, device, JSON.stringify(row.detail), row.at)
    if (changes === 0) return
    this.#sql.trimReviewsOf.run({ device, limit: LIMITS.maxReviewsPerDevice })
    this.#sql.trimReviews.run(LIMITS.maxReviews)
  }
  reviews(): Reviews {
    // Only `addReview` wrote these rows.
    const rows = this.#sql.reviews
      .all()
      .map((row) => ({ ...row, detail: JSON.parse(row.detail) as unknown }) as ReviewRow)
    // Ids count up from 1, and the newest row never goes.
    return { rows, dropped: (this.#sql.lastReview.get() ?? 0) - rows.length }
  }
}

type Stored<T> = Omit<T, 'areas'> & { areas: string }

// The JSON below was written by this file; the columns' CHECKs hold the rest.
function areasOf(text: string): readonly string[] {
  return JSON.parse(text) as readonly string[]
}
function deviceRow(row: Stored<DeviceRow>): DeviceRow {
  return { ...row, areas: areasOf(row.areas) }
}
function operatorRow(row: Stored<OperatorRow>): OperatorRow {
  return { ...row, areas: areasOf(row.areas) }
}
function keyRow(row: Stored<ApiKeyRow>): ApiKeyRow {
  return { ...row, areas: areasOf(row.areas) }
}

function prepareAll(db: Database.Database) {
  const session = `id, operator, device, status, created_at AS createdAt, expires_at AS expiresAt, refresh_hash AS refreshHash, previous_hash AS previousHash, generation`
  return {
    areas: db.prepare<[], string>('SELECT name FROM areas ORDER BY name').pluck(),
    addArea: db.prepare<[string]>('INSERT OR IGNORE INTO areas (name) VALUES (?)'),
    device: db.prepare<[string], Stored<DeviceRow>>('SELECT id, name, areas, status FROM devices WHERE id = ?'),
    devices: db.prepare<[], Stored<DeviceRow>>('SELECT id, name, areas, status FROM devices ORDER BY id'),
    putDevice: db.prepare<[string, string, string, string, string, string, string]>(
      `INSERT INTO devices (id, public_key, name, areas, status, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, last_seen = excluded.last_seen`,
    ),
    operator: db.prepare<[string], Stored<OperatorRow>>(
      'SELECT id, role, areas, pin_hash AS pinHash, status FROM operators WHERE id = ?',
    ),
    operators: db.prepare<[], Stored<OperatorRow>>(
      'SELECT id, role, areas, pin_hash AS pinHash, status FROM operators ORDER BY id',
    ),
    putOperator: db.prepare<[string, Role, string, string, string]>(
      `INSERT INTO operators (id, role, areas, pin_hash, status) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET role = excluded.role, areas = excluded.areas, pin_hash = excluded.pin_hash, status = excluded.status`,
    ),
    session: db.prepare<[string], SessionRow>(`SELECT ${session} FROM sessions WHERE id = ?`),
    putSession: db.prepare<[SessionRow]>(
      `INSERT INTO sessions (id, operator, device, status, created_at, expires_at, refresh_hash, previous_hash, generation)
       VALUES (@id, @operator, @device, @status, @createdAt, @expiresAt, @refreshHash, @previousHash, @generation)
       ON CONFLICT DO UPDATE SET status = excluded.status, expires_at = excluded.expires_at, refresh_hash = excluded.refresh_hash,
         previous_hash = excluded.previous_hash, generation = excluded.generation`,
    ),
    swapSession: db.prepare<[SessionRow & { expectedHash: string }]>(
      `UPDATE sessions SET status = @status, expires_at = @expiresAt, refresh_hash = @refreshHash, previous_hash = @previousHash, generation = @generation
       WHERE id = @id AND refresh_hash = @expectedHash AND status = 'active'`,
    ),
    endSession: db.prepare<[SessionStatus, string]>(
      `UPDATE sessions SET status = ? WHERE id = ? AND status = 'active'`,
    ),
    revokeSessions: db
      .prepare<[string], SessionId>(
        `UPDATE sessions SET status = 'revoked' WHERE operator = ? AND status IN ('active', 'expired') RETURNING id`,
      )
      .pluck(),
    apiKey: db.prepare<[string], Stored<ApiKeyRow>>('SELECT id, name, hash, role, areas FROM api_keys WHERE id = ?'),
    apiKeyByHash: db.prepare<[string], Stored<ApiKeyRow>>(
      'SELECT id, name, hash, role, areas FROM api_keys WHERE hash = ?',
    ),
    putApiKey: db.prepare<[string, string, string, Role, string]>(
      `INSERT INTO api_keys (id, name, hash, role, areas) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, hash = excluded.hash, role = excluded.role, areas = excluded.areas`,
    ),
    signingKeys: db.prepare<[], SigningKeyRow>(
      'SELECT kid, jwk, created_at AS createdAt FROM signing_keys ORDER BY created_at DESC',
    ),
    putSigningKey: db.prepare<[SigningKeyRow]>(
      'INSERT OR IGNORE INTO signing_keys (kid, jwk, created_at) VALUES (@kid, @jwk, @createdAt)',
    ),
    // An alert is known while it is there, while its past is, and while somebody's evidence of it is.
    isAlert: db.prepare<[Pick<Receipt, 'alert'>]>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM records WHERE domain = 'alerts' AND key = @alert)
       OR EXISTS (SELECT 1 FROM events WHERE type = 'alert.raised' AND cause = @alert)
       OR EXISTS (SELECT 1 FROM receipts WHERE alert = @alert)`,
    ),
    addReceipt: db.prepare<[Receipt]>(
      'INSERT OR IGNORE INTO receipts (alert, device, kind, at) VALUES (@alert, @device, @kind, @at)',
    ),
    receipts: db.prepare<[string], Receipt>(
      'SELECT alert, device, kind, at FROM receipts WHERE alert = ? ORDER BY at, device, kind',
    ),
    addReview: db.prepare<[string, string, string, string]>(
      'INSERT OR IGNORE INTO reviews (kind, device, detail, at) VALUES (?, ?, ?, ?)',
    ),
    trimReviewsOf: db.prepare<[{ device: string; limit: number }]>(
      `DELETE FROM reviews WHERE device = @device AND id <=
       (SELECT id FROM reviews WHERE device = @device ORDER BY id DESC LIMIT 1 OFFSET @limit)`,
    ),
    trimReviews: db.prepare<[number]>(
      'DELETE FROM reviews WHERE id <= (SELECT id FROM reviews ORDER BY id DESC LIMIT 1 OFFSET ?)',
    ),
    reviews: db.prepare<[], Omit<ReviewRow, 'detail'> & { detail: string }>(
      'SELECT kind, device, detail, at FROM reviews ORDER BY id',
    ),
    lastReview: db.prepare<[], number | null>('SELECT MAX(id) FROM reviews').pluck(),
  }
}
