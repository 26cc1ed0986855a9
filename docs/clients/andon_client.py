#!/usr/bin/env python3
"""Reads one channel of an Andon server without a gap, and posts into it so that each line takes effect once.

Over plain HTTP requests ("poll"), with Python from 3.9 and the package "cryptography"; written from docs/protocol, free to copy.

    python3 andon_client.py --server http://127.0.0.1:7070 --data DIR --user kim --pin 1111 --channel chat/line-3

Standard input: a line is a message for the channel. Standard output: a JSON object a line, "kind" first. It ends with its
input, once every line has its result; with --linger it stays.

DIR/events.jsonl  every event of the channel once, in order. Its last line is the cursor: event and cursor are one write.
DIR/outbox.json   commands that are not ended, and the next number. The n-th line ever given has number n, so whoever starts
                  this again after a crash goes on with line "next" of its first word.
DIR/device.pem    the key.

One thread does everything but reading standard input. While the server holds an answer nothing is sent, so it holds for a
second only.
"""
import argparse
import base64
import http.client
import json
import os
import queue
import random
import sys
import threading
import time
import urllib.parse
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

MAX_IN_FLIGHT = 64
MAX_WAITING = 1000
HOLD_MS = 1000
TRIES = 3


def say(kind, **fields):
    print(json.dumps({"kind": kind, **fields}, ensure_ascii=False), flush=True)


def replace(path, data):
    """A file is written beside the old one, synced, and put in its place."""
    with open(path + ".new", "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as fresh:
        fresh.write(data)
        fresh.flush()
        os.fsync(fresh.fileno())
    os.replace(path + ".new", path)
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """The key, made once."""

    def __init__(self, path):
        if not os.path.exists(path):
            form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            replace(path, ec.generate_private_key(ec.SECP256R1()).private_bytes(*form))
        with open(path, "rb") as stored:
            self.key = serialization.load_pem_private_key(stored.read(), None)
        numbers = self.key.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def prove(self, nonce):
        header, payload = {"alg": "ES256", "jwk": self.jwk}, {"nonce": nonce, "aud": "andon.v1"}
        signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return signed + "." + base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


class Outbox:
    """Commands that are not ended, by their number."""

    def __init__(self, path):
        self.path = path
        if not os.path.exists(path):
            self.begin()
            return
        with open(path, "rb") as stored:
            place = json.load(stored)
        self.epoch, self.incarnation, self.next = place["epoch"], place["incarnation"], place["next"]
        self.waiting = {command["seq"]: command for command in place["waiting"]}

    def begin(self):
        self.epoch, self.incarnation, self.next, self.waiting = str(uuid.uuid4()), None, 1, {}
        self.save()

    @property
    def oldest(self):
        return min(self.waiting, default=self.next)

    def save(self):
        place = {"epoch": self.epoch, "incarnation": self.incarnation, "next": self.next, "waiting": list(self.waiting.values())}
        replace(self.path, json.dumps(place).encode())


class Log:
    """Events and cursor are one: the cursor is the last whole line."""

    def __init__(self, path):
        self.epoch, self.offset, self.id = None, 0, None
        self.file = open(path, "a+b")
        self.file.seek(0)
        whole = 0
        for line in self.file:
            if line.endswith(b"\n"):
                whole += len(line)
                last = line
        self.file.truncate(whole)
        if whole > 0:
            self.move_to(json.loads(last))

    def append(self, lines):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        self.file.write(text.encode())
        self.file.flush()
        os.fsync(self.file.fileno())
        self.move_to(lines[-1])
        print(text, end="", flush=True)

    def move_to(self, line):
        self.epoch, self.offset, self.id = line["epoch"], line["offset"], line["id"]

    @property
    def cursor(self):
        return {"epoch": self.epoch, "offset": self.offset, "id": self.id}


class Over(Exception):
    """This link is over; there will be another, for ever."""

    def __init__(self, code, why, wait=None):
        super().__init__(why)
        self.code, self.wait = code, wait


class Requests:
    """POSTs over one connection that is kept; None when no answer came."""

    def __init__(self, server):
        self.base = urllib.parse.urlsplit(server.rstrip("/"))
        self.connection = None

    def post(self, path, body, headers, patience):
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        try:
            if self.connection is None:
                self.connection = kinds[self.base.scheme](self.base.hostname, self.base.port, timeout=patience)
                self.connection.connect()
            self.connection.sock.settimeout(patience)
            headers = {"Content-Type": "application/json", **headers}
            self.connection.request("POST", self.base.path + path, json.dumps(body).encode(), headers)
            answer = self.connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, answer.headers, json.loads(text) if is_json and text else {}
        except (OSError, http.client.HTTPException, ValueError):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None


class Client:
    def __init__(self, options):
        self.options = options
        os.makedirs(options.data, exist_ok=True)
        place = lambda name: os.path.join(options.data, name)
        self.device, self.outbox, self.log = Device(place("device.pem")), Outbox(place("outbox.json")), Log(place("events.jsonl"))
        self.requests = Requests(options.server)
        self.lines = queue.Queue(1)
        self.is_input_over = False
        self.awaited = 0  # offset of the last event that a command of this run made
        self.session = None  # of who is signed in
        self.token_good_until = 0.0
        self.yields = False
        self.attempt = 0

    def run(self):
        say("outbox", next=self.outbox.next, waiting=len(self.outbox.waiting))
        threading.Thread(target=self.read_input, daemon=True).start()
        while True:
            try:
                Link(self).run()
                return
            except Over as over:
                self.yields = over.code == 4409
                wait = 60 if over.code in (4403, 4409) else random.uniform(0, min(30, 2 ** min(self.attempt, 5)))
                wait = wait if over.wait is None else over.wait
                self.attempt += 1
                say("status", state="waiting", code=over.code, why=str(over), ms=round(wait * 1000))
                again_at = time.monotonic() + wait
                while time.monotonic() < again_at:
                    self.take_lines(0.05)
                    time.sleep(0.05)

    def take_lines(self, patience):
        """A line becomes a command once somebody can author it: durable, then said to be saved; with or without a server."""
        outbox = self.outbox
        while self.session is not None and len(outbox.waiting) < MAX_WAITING:
            try:
                line = self.lines.get(timeout=patience)
            except queue.Empty:
                return
            patience = 0.005  # for whoever hands the next one over
            if line is None:
                self.is_input_over = True
                return
            seq, data = outbox.next, {"line": self.options.channel.split("/")[1], "text": line}
            command = {"t": "command", "lane": "normal", "seq": seq, "id": str(uuid.uuid4()), "type": "chat.post"}
            outbox.waiting[seq] = {**command, "session": self.session["session"], "data": data}
            outbox.next += 1
            outbox.save()
            say("saved", seq=seq)

    def read_input(self):
        """Never more than one line ahead of what is saved."""
        for line in sys.stdin:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)


class Link:
    """One link: from its first request to whatever ends it."""

    def __init__(self, client):
        self.client, self.outbox, self.log, self.channel = client, client.outbox, client.log, client.options.channel
        self.id = None
        self.batch = self.taken = 0
        self.frames = []  # to say
        self.device_token = None
        self.heartbeat = None
        self.ping_at, self.unanswered, self.nonce = 0.0, 0, None
        self.retry_after = None
        self.is_subscribed = self.is_reading = False
        self.snapshot = {"records": [], "events": []}
        self.sent_up_to, self.rewound_to, self.wait_until, self.moved_at = self.outbox.oldest - 1, -1, 0.0, 0.0
        self.sign_in_at = None  # when to ask for a token, if that is needed
        self.opened_at = time.monotonic()

    def run(self):
        self.exchange([], 0)
        while True:
            now = time.monotonic()
            if self.device_token is None:
                if now > self.opened_at + 10:
                    raise Over(4408, "no welcome within ten seconds")
            else:
                self.look_at_clock(now)
                self.client.take_lines(0.005 if self.outbox.waiting else 0.05)
                self.pump()
                if self.is_done():
                    self.exchange([{"t": "bye", "reason": "stopping"}], 0, {"code": 1000, "says": "stopping"})
                    return
            frames, self.frames = self.frames, []
            self.exchange(frames, HOLD_MS)

    def is_done(self):
        """Every line has its result, and what they made was read."""
        client = self.client
        is_read = self.log.offset >= client.awaited
        return client.is_input_over and not self.outbox.waiting and is_read and not client.options.linger

    # ---------------------------------------------------------------------------------------------- the way

    def exchange(self, frames, hold_ms, close=None):
        """One batch up until the server has taken it, and whatever came down meanwhile."""
        self.batch += 1
        while True:
            body = {"batch": self.batch, "ack": self.taken, "holdMs": hold_ms, "frames": frames}
            if close is not None:
                body["close"] = close
            down = self.post(body, hold_ms)
            if down is None:  # 204: a newer request has the answer; here there never is one
                return
            if down["batch"] == self.taken + 1:
                self.taken += 1
                for frame in down["frames"]:
                    if isinstance(frame, dict):
                        self.took(frame)
            elif down["batch"] > self.taken:
                raise Over(1006, f"batch {down['batch']} came after {self.taken}")
            if "close" in down and close is None:
                raise Over(down["close"]["code"], down["close"]["says"], self.retry_after)
            if down["ack"] >= self.batch or close is not None:
                return

    def post(self, body, hold_ms):
        for _ in range(TRIES):
            headers = {} if self.id is None else {"Andon-Link": self.id}
            answer = self.client.requests.post("/sync/poll", body, headers, hold_ms / 1000 + 10)
            if answer is None and self.id is not None:
                continue
            if answer is None:
                raise Over(1006, "no answer")
            status, said_headers, down = answer
            if status == 200:
                self.id = self.id or said_headers["Andon-Link"]
                return down
            if status == 204:
                return None
            raise Over(1006, f"{status} {down.get('code')}", seconds(said_headers, None))
        raise Over(1006, "no answer")

    # ----------------------------------------------------------------------------------------------- clock

    def look_at_clock(self, now):
        if now >= self.ping_at:
            if self.unanswered >= 2:
                raise Over(4408, "two pings without an answer")
            self.nonce, self.ping_at, self.unanswered = str(uuid.uuid4()), now + self.heartbeat, self.unanswered + 1
            self.frames.append({"t": "ping", "nonce": self.nonce})
        if self.sign_in_at is not None and now >= self.sign_in_at:
            self.ask_for_token()
        # No answer at all: from the oldest again; what was answered already is answered alike.
        if self.outbox.oldest <= self.sent_up_to and now >= self.moved_at + 30:
            self.sent_up_to = self.outbox.oldest - 1

    # -------------------------------------------------------------------------------------------- greeting

    def took(self, frame):
        take = getattr(self, "on_" + str(frame.get("t")).replace("-", "_"), None)
        if take is not None:  # else of a newer server
            take(frame)
        elif frame.get("channel") == self.channel:
            self.read(frame)

    def on_challenge(self, frame):
        outbox, session = self.outbox, self.client.session
        place = {"epoch": outbox.epoch, "incarnation": outbox.incarnation, "oldest": {"urgent": 1, "normal": outbox.oldest}}
        if "newest" in frame.get("takes", []):
            place["newest"] = {"urgent": 0, "normal": outbox.next - 1}
        hello = {"t": "hello", "version": 1, "proof": self.client.device.prove(frame["nonce"]), "name": "Python client"}
        hello.update(client={"kind": "headless", "build": "andon_client.py"}, outbox=place)
        if self.client.yields:
            hello["yields"] = True
        if session is not None:
            hello["session"] = session["session"]
        self.frames.append(hello)

    def on_welcome(self, frame):
        if frame["outbox"] == "forgotten":
            self.give_outbox_up("forgotten")
        if frame["incarnation"] != self.outbox.incarnation:
            self.outbox.incarnation = frame["incarnation"]
            self.outbox.save()
        if frame.get("session", "active") != "active":
            self.client.session = None
        self.device_token, self.heartbeat = frame["deviceToken"], frame["heartbeatMs"] / 1000
        say("status", state="welcomed", device=frame["device"])
        if self.client.session is not None and time.monotonic() < self.client.token_good_until:
            self.bind()
        else:
            self.sign_in_at = 0.0

    def bind(self):
        """The server works through what it gets in order, so nothing waits for "authed"."""
        session = self.client.session
        self.frames.append({"t": "auth", "token": session["accessToken"], "generation": session["generation"]})
        lasts = self.client.token_good_until - time.monotonic()
        self.sign_in_at = time.monotonic() + lasts * 2 / 3
        if not self.is_subscribed:
            self.subscribe()

    def ask_for_token(self):
        client, session = self.client, self.client.session
        if session is None:
            path, body = "/api/sessions", {"operator": client.options.user, "pin": client.options.pin}
        else:
            path, body = "/api/sessions/refresh", {"session": session["session"], "refreshToken": session["refreshToken"]}
        headers = {"Authorization": "Bearer " + self.device_token, "Andon-Refresh": "body"}
        answer = client.requests.post(path, body, headers, 10)
        self.sign_in_at = time.monotonic() + 2
        if answer is None:
            return
        status, said_headers, said = answer
        if status == 200:
            client.session, client.token_good_until = said, time.monotonic() + said["expiresInMs"] / 1000
            self.bind()
            return
        code = str(said.get("code"))
        say("status", state="refused", code=code, why=said.get("detail"))
        if code == "bad-pin":
            sys.exit(said.get("detail"))
        if code.startswith("session-"):
            client.session = None
        self.sign_in_at = time.monotonic() + seconds(said_headers, 2)

    def on_authed(self, _frame):
        if not self.is_subscribed:
            self.subscribe()

    def on_deauthed(self, frame):
        if frame["code"] not in ("token-expired", "bad-token"):
            self.client.session = None
        self.sign_in_at = time.monotonic() + 1

    def on_pong(self, frame):
        if frame["nonce"] == self.nonce:
            self.unanswered, self.client.attempt = 0, 0
        at = frame["channels"].get(self.channel)
        if at is not None and self.is_reading and at["epoch"] == self.log.epoch and at["written"] > self.log.offset:
            self.read_again()

    def on_bye(self, frame):
        self.retry_after = frame["retryAfterMs"] / 1000

    def on_error(self, frame):
        print(json.dumps(frame), file=sys.stderr)

    # --------------------------------------------------------------------------------------------- reading

    def subscribe(self):
        self.is_subscribed = True
        frame = {"t": "subscribe", "channel": self.channel, "credit": 4}
        if self.log.epoch is not None:
            frame["cursor"] = self.log.cursor
        elif self.channel.split("/")[0] in ("chat", "inbox"):
            frame["from"] = "start"
        self.frames.append(frame)

    def read_again(self):
        """Something is missing: what comes until the answer is of the subscription before."""
        self.is_reading = False
        self.frames.append({"t": "unsubscribe", "channel": self.channel})
        self.subscribe()

    def read(self, frame):
        t = frame["t"]
        if t == "subscribed":
            self.is_reading = True
            if self.log.epoch is None:
                self.log.append([{"kind": "start", "epoch": frame["epoch"], "offset": frame["offset"], "id": frame["id"]}])
        elif t == "reset":
            self.is_reading = True
            say("reset", reason=frame["reason"], lost=frame["lost"])
        elif t == "snapshot":
            self.is_reading = True
            if frame["page"] == 0:
                self.snapshot = {"records": [], "events": []}
            for name, collected in self.snapshot.items():
                collected.extend(frame.get(name, []))
            if frame["last"]:
                place = {name: frame[name] for name in ("epoch", "offset", "id")}
                self.log.append([{"kind": "snapshot", **place, **self.snapshot}])
            self.give_credit()
        elif t == "page":
            if self.is_reading:
                self.apply(frame, frame["events"])
            self.give_credit()
        elif t == "event" and self.is_reading:
            self.apply(frame, [frame])
        elif t == "unsubscribed" and "code" in frame:
            self.is_subscribed = self.is_reading = False
            say("unsubscribed", code=frame["code"])

    def give_credit(self):
        self.frames.append({"t": "credit", "channel": self.channel, "pages": 1})

    def apply(self, frame, came):
        fresh, expected, is_gap = [], self.log.offset + 1, frame["epoch"] != self.log.epoch
        for event in came:
            is_gap = is_gap or event["offset"] > expected
            if not is_gap and event["offset"] == expected:
                fields = ("offset", "id", "type", "at", "by", "cause", "data")
                fresh.append({"kind": "event", "epoch": frame["epoch"], **{name: event[name] for name in fields if name in event}})
                expected += 1
        if fresh:
            self.log.append(fresh)
        if is_gap:
            self.read_again()

    # --------------------------------------------------------------------------------------------- writing

    def pump(self):
        now = time.monotonic()
        if now < self.wait_until:
            return
        for seq in sorted(self.outbox.waiting):
            if seq - self.outbox.oldest >= MAX_IN_FLIGHT:
                return
            if seq > self.sent_up_to:
                self.sent_up_to, self.moved_at = seq, now
                self.frames.append(self.outbox.waiting[seq])

    def on_result(self, frame):
        seq = frame["seq"]
        if seq not in self.outbox.waiting or self.outbox.waiting[seq]["id"] != frame["id"]:
            return
        if seq >= self.rewound_to:
            self.rewound_to = -1
        self.moved_at = time.monotonic()
        self.client.awaited = max(self.client.awaited, frame.get("offsets", {}).get(self.channel, 0))
        del self.outbox.waiting[seq]
        self.outbox.save()
        self.frames.append({"t": "confirm", "lane": "normal", "upTo": self.outbox.oldest - 1})
        say("result", seq=seq, outcome=frame["outcome"], code=frame.get("code"), message=frame.get("message"))

    def on_retry_later(self, frame):
        self.rewound_to, self.sent_up_to = frame["seq"], frame["seq"] - 1
        self.wait_until = time.monotonic() + frame["afterMs"] / 1000

    def on_expect(self, frame):
        seq = frame["seq"]
        if seq > self.outbox.next:
            self.give_outbox_up(f"the server expects {seq}")
        if seq < self.outbox.oldest:
            raise Over(1000, "the server was restored")  # the next hello says what it lacks
        if seq != self.rewound_to:
            self.rewound_to, self.sent_up_to = seq, seq - 1

    def on_outbox_forked(self, _frame):
        self.give_outbox_up("outbox-forked")

    def give_outbox_up(self, why):
        """The server knows this outbox otherwise, or not at all: what was waiting is uncertain, and only a person can say."""
        for command in self.outbox.waiting.values():
            say("uncertain", why=why, command=command)
        self.outbox.begin()
        raise Over(1000, why)


def seconds(headers, otherwise):
    value = headers.get("Retry-After", "")
    return int(value) if value.isdigit() else otherwise


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("server", "data", "user", "pin", "channel"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--linger", action="store_true")
    Client(parser.parse_args()).run()


if __name__ == "__main__":
    main()
