import type Database from 'better-sqlite3'
import type { DeviceId, SessionId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Role } from '../../../relay/protocol/records.ts'
import { reviewsOver } from '../../ports/review-room.ts'
import type { Devices } from './devices.ts'
import type { LeftBehind } from '../../ports/rules.ts'
import type { PastSignIns, SessionHashes, SessionRow, SessionStatus } from '../../ports/sessions.ts'
import type { ApiKeyRow, OperatorRow, ReviewRow, Reviews, SigningKeyRow } from '../../ports/site.ts'
import { RowCache } from './row-cache.ts'

const REVIEW_ROOM = { all: LIMITS.maxReviews, ofDevice: LIMITS.maxReviewsPerDevice }

/** Areas, people, sessions, keys and reviews: rows in, rows out. Synchronous; runs in the store's worker. */
export class People {
  readonly devices: Devices
  readonly #sql: ReturnType<typeof prepareAll>
  /** Null while they are to be read. */
  #areas: readonly string[] | null = null
  readonly #operators = new RowCache<string, OperatorRow>()
  readonly #sessions = new RowCache<SessionId, SessionRow>()
  /** Whose each review is, oldest first; null while it is to be read. */
  #reviewsHeld: Map<number, DeviceId> | null = null

  constructor(db: Database.Database, devices: Devices) {
    this.devices = devices
    this.#sql = prepareAll(db)
  }

  areas(): readonly string[] {
    return (this.#areas ??= this.#sql.areas.all())
  }
  addArea(area: string): void {
    this.#areas = null
    this.#sql.addArea.run(area)
  }

  operator(id: string): OperatorRow | null {
    return this.#operators.get(id, () => {
      const row = this.#sql.operator.get(id)
      return row && operatorRow(row)
    })
  }
  operators(): readonly OperatorRow[] {
    return this.#sql.operators.all().map(operatorRow)
  }
  putOperator(row: OperatorRow): void {
    this.#operators.forget(row.id)
    this.#sql.putOperator.run(row.id, row.role, JSON.stringify(row.areas), row.pinHash, row.status)
  }

  session(id: SessionId): SessionRow | null {
    return this.#sessions.get(id, () => this.#sql.session.get(id))
  }
  putSession(
    row: SessionRow,
    { at, expected }: { readonly at: string; readonly expected: SessionHashes | undefined },
  ): boolean {
    this.#sessions.forget(row.id)
    if (expected === undefined) {
      this.#sql.putSession.run(row)
      this.#sql.addSignIn.run(row.device, row.operator)
      this.devices.signedIn(row.device, at)
      // Beyond the bound the person's own oldest goes; ids of sessions count up with time.
      const trimmed = this.#sql.trimSessions.run({ operator: row.operator, limit: LIMITS.maxSessionsPerOperator })
      if (trimmed.changes > 0) this.#sessions.clear()
      return true
    }
    const { refreshHash: expectedHash, previousHash: expectedPrevious } = expected
    return this.#sql.swapSession.run({ ...row, expectedHash, expectedPrevious }).changes === 1
  }
  /** False when it had ended before. */
  endSession(id: SessionId, status: SessionStatus): boolean {
    this.#sessions.forget(id)
    return this.#sql.endSession.run(status, id).changes === 1
  }
  /**
   * Those that could still author something: also one that ran out may have commands on their way (W8). And the one that asks
   * for it, however it ended: nobody is to sign a person out again and again with a session that is over.
   */
  revokeSessionsOf(operator: string, asking: SessionId | null): readonly SessionId[] {
    const revoked = this.#sql.revokeSessions.all({ operator, asking })
    for (const id of revoked) this.#sessions.forget(id)
    return revoked
  }

  /** What a session that is over left behind (W11); null where nobody has asked yet. */
  leftBehind(id: SessionId): LeftBehind | null {
    const row = this.#sql.leftBehind.get(id)
    if (row === undefined || row.epoch === null || row.urgent === null || row.normal === null) return null
    return { epoch: row.epoch, urgent: row.urgent, normal: row.normal }
  }
  putLeftBehind(id: SessionId, left: LeftBehind): void {
    this.#sql.putLeftBehind.run({ ...left, id })
  }

  pastSignIns(device: DeviceId, operator: string): PastSignIns {
    if (this.#sql.signedIn.get(device, operator) !== undefined) return 'person'
    return this.#sql.anySignIn.get(device) === undefined ? 'nobody' : 'others'
  }

  apiKey(id: string): ApiKeyRow | null {
    const row = this.#sql.apiKey.get(id)
    return row === undefined ? null : keyRow(row)
  }
  apiKeyByHash(hash: string): ApiKeyRow | null {
    const row = this.#sql.apiKeyByHash.get(hash)
    return row === undefined ? null : keyRow(row)
  }
  apiKeys(): readonly ApiKeyRow[] {
    return this.#sql.apiKeys.all().map(keyRow)
  }
  putApiKey(row: ApiKeyRow): void {
    this.#sql.putApiKey.run(row.id, row.name, row.hash, row.role, JSON.stringify(row.areas))
  }

  signingKeys(): readonly SigningKeyRow[] {
    return this.#sql.signingKeys.all()
  }
  offerSigningKey(row: SigningKeyRow): void {
    this.#sql.offerSigningKey.run(row)
  }

  addReview(row: ReviewRow): void {
    const { device } = row
    const held = this.#heldReviews()
    const { changes, lastInsertRowid } = this.#sql.addReview.run(row.kind, device, JSON.stringify(row.detail), row.at)
    if (changes === 0) return
    held.set(Number(lastInsertRowid), device)
    // One that is not known (any more) is a stranger's.
    for (const id of reviewsOver(held, REVIEW_ROOM, (each) => !this.devices.isUsed(each))) {
      this.#sql.removeReview.run(id)
      held.delete(id)
    }
  }
  /** What is held in memory may be ahead of the file. */
  rolledBack(): void {
    this.#reviewsHeld = null
    this.forgetRows()
  }
  /** Somebody else may have deleted rows. */
  forgetRows(): void {
    this.#areas = null
    this.#operators.clear()
    this.#sessions.clear()
  }
  #heldReviews(): Map<number, DeviceId> {
    this.#reviewsHeld ??= new Map(this.#sql.heldReviews.all().map(({ id, device }) => [id, device]))
    return this.#reviewsHeld
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
    addSignIn: db.prepare<[string, string]>('INSERT OR IGNORE INTO sign_ins (device, operator) VALUES (?, ?)'),
    signedIn: db.prepare<[string, string]>('SELECT 1 FROM sign_ins WHERE device = ? AND operator = ?'),
    anySignIn: db.prepare<[string]>('SELECT 1 FROM sign_ins WHERE device = ? LIMIT 1'),
    trimSessions: db.prepare<[{ operator: string; limit: number }]>(
      `DELETE FROM sessions WHERE operator = @operator AND id <=
       (SELECT id FROM sessions WHERE operator = @operator ORDER BY id DESC LIMIT 1 OFFSET @limit)`,
    ),
    swapSession: db.prepare<[SessionRow & { expectedHash: string; expectedPrevious: string | null }]>(
      `UPDATE sessions SET status = @status, expires_at = @expiresAt, refresh_hash = @refreshHash, previous_hash = @previousHash, generation = @generation
       WHERE id = @id AND refresh_hash = @expectedHash AND previous_hash IS @expectedPrevious AND status = 'active'`,
    ),
    endSession: db.prepare<[SessionStatus, string]>(
      `UPDATE sessions SET status = ? WHERE id = ? AND status = 'active'`,
    ),
    revokeSessions: db
      .prepare<[{ operator: string; asking: SessionId | null }], SessionId>(
        `UPDATE sessions SET status = 'revoked' WHERE operator = @operator AND status <> 'revoked'
         AND (status <> 'signed-out' OR id = @asking) RETURNING id`,
      )
      .pluck(),
    leftBehind: db.prepare<[string], { readonly [K in keyof LeftBehind]: LeftBehind[K] | null }>(
      'SELECT left_epoch AS epoch, left_urgent AS urgent, left_normal AS normal FROM sessions WHERE id = ?',
    ),
    putLeftBehind: db.prepare<[LeftBehind & { id: SessionId }]>(
      'UPDATE sessions SET left_epoch = @epoch, left_urgent = @urgent, left_normal = @normal WHERE id = @id',
    ),
    apiKey: db.prepare<[string], Stored<ApiKeyRow>>('SELECT id, name, hash, role, areas FROM api_keys WHERE id = ?'),
    apiKeyByHash: db.prepare<[string], Stored<ApiKeyRow>>(
      'SELECT id, name, hash, role, areas FROM api_keys WHERE hash = ?',
    ),
    apiKeys: db.prepare<[], Stored<ApiKeyRow>>('SELECT id, name, hash, role, areas FROM api_keys ORDER BY id'),
    putApiKey: db.prepare<[string, string, string, Role, string]>(
      `INSERT INTO api_keys (id, name, hash, role, areas) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, hash = excluded.hash, role = excluded.role, areas = excluded.areas`,
    ),
    signingKeys: db.prepare<[], SigningKeyRow>(
      'SELECT kid, jwk, created_at AS createdAt FROM signing_keys ORDER BY created_at DESC',
    ),
    offerSigningKey: db.prepare<[SigningKeyRow]>(
      `INSERT INTO signing_keys (kid, jwk, created_at) SELECT @kid, @jwk, @createdAt
       WHERE NOT EXISTS (SELECT 1 FROM signing_keys)`,
    ),
    addReview: db.prepare<[string, string, string, string]>(
      'INSERT OR IGNORE INTO reviews (kind, device, detail, at) VALUES (?, ?, ?, ?)',
    ),
    heldReviews: db.prepare<[], { id: number; device: DeviceId }>('SELECT id, device FROM reviews ORDER BY id'),
    removeReview: db.prepare<[number]>('DELETE FROM reviews WHERE id = ?'),
    reviews: db.prepare<[], Omit<ReviewRow, 'detail'> & { detail: string }>(
      'SELECT kind, device, detail, at FROM reviews ORDER BY id',
    ),
    lastReview: db.prepare<[], number | null>('SELECT MAX(id) FROM reviews').pluck(),
  }
}
