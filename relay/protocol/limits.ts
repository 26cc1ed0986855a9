/**
 * Every bound that both ends of the wire must agree on, each with its reason (promise P8).
 * A bound of one end alone lives beside its owner; this file holds what a peer can make grow.
 */
export const LIMITS = {
  /** One frame in either direction, bytes of UTF-8. A snapshot page (64 KB) with its envelope fits with room to spare. */
  maxFrameBytes: 256 * 1024,
  /** A client frame before `hello` was accepted: strangers get little room. */
  maxGreetingBytes: 8 * 1024,
  /** The header of a binary message (PROTOCOL B1): every frame without its bytes is far below. */
  maxHeaderBytes: 8 * 1024,
  /** `data` of one command once encoded, bytes. Long notes travel as documents, not as commands. */
  maxCommandBytes: 32 * 1024,
  /** Levels of lists and objects in `data`. Every command of the lane table has three; a call stack ends at some thousands. */
  maxCommandDepth: 32,
  /** A page of a snapshot or of catch-up, bytes of its items. */
  maxPageBytes: 64 * 1024,
  /** Items of a page, whatever their size, so that one page never holds the loop for long. */
  maxPageItems: 500,
  /** Pages a subscription may have in flight: two keep the link busy while one is being stored. */
  maxCredit: 4,
  /** Subscriptions of one connection: the channels of every area of a large site, twice over. */
  maxSubscriptions: 256,
  /** Commands sent and not yet answered, per lane. Bounds what a reconnect has to send again. */
  maxInFlight: 64,
  /** Commands waiting on the device, both lanes together. Beyond it `outbox-full`; nothing saved is dropped. */
  maxOutboxCommands: 100_000,
  /** Rejected commands of one area that wait for a person; beyond it the server closes the oldest, said and counted. */
  maxOpenRejections: 1_000,
  /**
   * Bytes of all of them, in every area: 512 of the largest, a hundred thousand of the usual ones. Beyond it the oldest
   * of strangers go, then of devices, then of people, from the list that holds most; said in the same way.
   */
  maxRejectionBytes: 16 * 1024 * 1024,
  /**
   * Results of one device that it has not confirmed, all lanes and outbox epochs together: four times what it can have under way.
   * Beyond it the device is told to wait, `unconfirmed`: a result that goes while its device may ask for it breaks P1.
   */
  maxUnconfirmed: 512,
  /** Of a device on which nobody ever signed in: what it can have under way in both lanes. Anybody can make as many as there may be. */
  maxUnconfirmedAlone: 128,
  /**
   * Open alerts that one device raised without a person: a machine in trouble has a few. And of all devices on which nobody ever
   * signed in together: what people can still look through, while anybody can make as many keys as there may be devices (T21).
   */
  maxOpenAlertsPerDevice: 64,
  maxOpenAlertsAlone: 512,
  /** Devices on which nobody ever signed in of which evidence of one alert is kept: boards and gateways of a large floor (E3). */
  maxEvidenceAlone: 256,
  /** Of those, of one person, of one device alone, and of one on which nobody ever signed in: more of one is a fault, not work. */
  maxOpenRejectionsPerPerson: 500,
  maxOpenRejectionsPerDevice: 250,
  maxOpenRejectionsPerStranger: 20,
  /** What outboxes did that a person should look at (skipped, forked, forgotten), of one device and of all; the oldest go, counted. */
  maxReviewsPerDevice: 100,
  maxReviews: 1_000,
  /**
   * Devices of a site that are used: four times the largest floor this is measured with. And strangers, on which nobody ever
   * signed in: a floor that is set up in a day has all its terminals among them.
   */
  maxDevices: 20_000,
  /**
   * Of those, devices on which nobody ever signed in, used only because a command of their own was applied: half, so that keys
   * which anybody can make never take the places of people's terminals. And of one address: the gateways of a large floor
   * behind one proxy.
   */
  maxDevicesAlone: 10_000,
  maxDevicesAlonePerSource: 1_000,
  maxStrangers: 10_000,
  /** Outbox epochs of one device whose marks are kept: each stands for a disk that was copied, rolled back or forgotten. */
  maxOutboxEpochs: 64,
  /** Sessions of one person that are kept: twenty-five sign-ins a day for 400 days. */
  maxSessionsPerOperator: 10_000,
  /** Receipts in one frame. */
  maxReceipts: 200,
  /** Receipts waiting on a device; beyond it the oldest alert's receipts go first, counted. */
  maxStoredReceipts: 10_000,
  /** Events of a log channel in a snapshot; older ones by paging. */
  logSnapshotEvents: 200,
  /** Ids a window or relay remembers to drop repeats. */
  rememberedIds: 4096,
  /** What committed events may wait on the server for others that are being committed, milliseconds (V5). */
  gatherMs: 2,
  /** Interval between two heartbeats, milliseconds. A site may set up to `maxHeartbeatMs`. */
  heartbeatMs: 10_000,
  maxHeartbeatMs: 30_000,
  /**
   * Heartbeats of the site to one of a device that nobody looks at, up to `maxHeartbeatMs`. The radio of a phone stays on for
   * 10 to 20 s after each packet, so at 10 s it never sleeps. More than 30 s would save little, and what stands in between
   * may end what was silent for a minute, as nginx does unless told otherwise: one ping may be late.
   */
  restingHeartbeats: 3,
  /** Unanswered heartbeats that make a link dead. */
  missedHeartbeats: 2,
  /** Characters, or bytes, that a trial may have a `pong` carry, and how long a trial lasts, milliseconds (PROTOCOL N13). */
  maxPadBytes: 32 * 1024,
  trialMs: 60_000,
  /** Deadline of the probe after waking, milliseconds. */
  probeMs: 2_000,
  /** Time a connection may take until `welcome`, milliseconds; also the server's patience with a silent stranger. */
  greetingMs: 10_000,
  /** First and longest reconnect delay, milliseconds; full jitter between zero and the delay. */
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
  /** Pace of reconnects after `revoked` or `replaced` (P6), milliseconds. */
  slowRetryMs: 60_000,
  /** Connected time after which a command that is told `retry-later` for a reason that counts (W6) is given up, milliseconds (P1). */
  giveUpMs: 10 * 60_000,
  /** How long a device keeps a final result nobody has marked as seen, milliseconds. */
  keepResultsMs: 7 * 24 * 3_600_000,
  /** Bytes of one connection waiting unwritten in the server before it stops reading for it (soft), and before it is closed (hard). */
  softBufferBytes: 64 * 1024,
  hardBufferBytes: 4 * 1024 * 1024,
  /** Commands of the site that wait for their time: one for each of many more alerts than a floor has. Beyond it nothing is set that would need one. */
  maxTimers: 100_000,
  /** Machines of a site, signals of one machine and of a site: every tile a site shows, several times over. */
  maxMachines: 2_000,
  maxSignalsPerMachine: 64,
  maxSignals: 20_000,
  /** Samples of one `POST /api/telemetry`, and bytes of its body. A gateway that buffered longer sends several. */
  maxSamples: 5_000,
  maxTelemetryBytes: 1024 * 1024,
  /** A sample may be measured this long before it comes (a gateway that buffers) and this far ahead (a clock that is fast), milliseconds. */
  maxSampleAgeMs: 15 * 60_000,
  maxSampleAheadMs: 60_000,
  /** Largest value of a sample, either sign: sums of a year of them are still numbers. */
  maxSampleValue: 1e15,
  /** How much older `lastSampleAt` of a machine may be than its last sample while samples come, milliseconds: it costs an event. */
  lastSampleToldMs: 5 * 60_000,
  /** How often a live value reaches a reader at most, per second, unless it names another pace; what came between is left out. */
  liveHz: 10,
  maxLiveHz: 60,
  /** How often windows look at live values, milliseconds: what comes faster a person does not read. */
  livePaceMs: 100,
  /** How long a live value is current: five times the interval in which it comes, between these, milliseconds. */
  minLiveTtlMs: 5_000,
  maxLiveTtlMs: 15 * 60_000,
  /** Bytes waiting for a connection above which it gets no live values: an alert must never stand behind many of them. */
  liveBufferBytes: 16 * 1024,
  /** Keys of one live channel: twice the members of a room, so that who has left can be told beside who is there. */
  maxLiveKeys: 2_000,
  /** Members of one room. */
  maxMembers: 1_000,
  /** Rooms of one device: what its windows show, and what a program of its own is in. */
  maxRooms: 16,
  /** What a device says of itself in a room, bytes of JSON, and for how long it may have been there, milliseconds. */
  maxTrackBytes: 1024,
  maxTrackAgoMs: 7 * 24 * 3_600_000,
  /**
   * Of the members of one room, devices on which nobody ever signed in, in sum and of one address: boards and gateways of a
   * large line. Anybody can make more of them.
   */
  maxMembersAlone: 256,
  maxMembersAlonePerSource: 64,
  /** Terminals of one area that are gone or asleep and still named, and for how long, milliseconds: over a weekend and a holiday. */
  maxAbsent: 256,
  absentMs: 7 * 24 * 3_600_000,
  /** Heartbeats without a word after which a member is gone: 35 s at the usual ten (PROTOCOL M10). */
  leaseHeartbeats: 3.5,
  /** Heartbeats without a word after which it is told since when nothing was heard of it: one may be late by half. */
  staleHeartbeats: 1.5,
  /** A signal: bytes of its JSON, levels of it, for how long it is current, milliseconds, and keys of one device and room. */
  maxSignalBytes: 2 * 1024,
  maxSignalDepth: 16,
  signalMs: 5_000,
  maxSignalKeys: 16,
  /** An eighth of the keys of a room are one person's at most, whatever devices they have: the others find a place (P8). */
  maxSignalKeysPerPerson: 250,
  /**
   * A handover note: bytes of one update, which fit a command as base64; of all its pieces, what was deleted included; copies it
   * may have been written in; changes one update may bring; records its pieces may be, and records one merged piece may be; how
   * many addenda, and bytes of their JSON, which stand in one record and so in one frame.
   */
  maxUpdateBytes: 22 * 1024,
  maxNoteBytes: 1024 * 1024,
  maxNoteWriters: 200,
  maxUpdateChanges: 64 * 1024,
  maxNotePieces: 2_000,
  maxNoteParts: 64,
  maxAddenda: 50,
  maxAddendaBytes: 128 * 1024,
  /** Points of one page of history, and pages a relay asks for at once. */
  maxSeriesPoints: 2_000,
  maxSeriesReads: 16,
  /** A search: characters and words of a question, results of a page, and pages a relay asks for at once. */
  maxSearchText: 200,
  maxSearchWords: 12,
  maxSearchHits: 20,
  maxSearches: 4,
  /** Characters that a result repeats of a text, and places that it marks there. */
  maxSnippet: 160,
  maxMarks: 24,
  /** Characters of a unit. */
  maxUnit: 16,
  /** Characters of texts that people type. */
  maxTitle: 120,
  /** Pieces of one work order, planned or made: more is a mistake of the keyboard. */
  maxPieces: 10_000_000,
  maxBody: 2000,
  maxText: 4000,
  /** People one message names: a shift. Each gets a line in their inbox in the transaction of the message. */
  maxMentions: 20,
  /**
   * A photo or file of a message: bytes, files of one message, characters of its name. A photo: pixels of a side, and of all it
   * has, when it is decoded (a phone's camera has 50 million; each takes four bytes), and of a side as it is kept.
   */
  maxAttachmentBytes: 5 * 1024 * 1024,
  maxFiles: 10,
  maxFileName: 120,
  maxPhotoSide: 16_384,
  maxPhotoPixels: 50_000_000,
  keptPhotoSide: 2_560,
  /** One piece of it on its way up, bytes. */
  maxPieceBytes: 256 * 1024,
  /** How long the bytes of a file may be on their way, milliseconds. */
  attachmentMs: 7 * 24 * 3_600_000,
  /** Files that one relay reads from the server for its windows at a time. */
  maxFileReads: 6,
  /** Files, and bytes of them, that wait on one device. */
  maxWaitingFiles: 40,
  maxWaitingFileBytes: 200 * 1024 * 1024,
  /** Characters that a message repeats of what it answers, and a mention of its message: a line on a phone. */
  maxQuote: 80,
  maxReason: 200,
  maxName: 64,
} as const
