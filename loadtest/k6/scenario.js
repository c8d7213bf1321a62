// The scenario of the load story. Of every ten turns of a user, seven read GET /api/subscription, one reads
// GET /api/user, and two ask for a device code and poll with it once, as a device does before anybody typed
// the code: right only as 400 authorization_pending. A user asks again as soon as it was answered.
//
//   URL        where the server is
//   SEEDED     folder of tokens.txt and code_bodies.txt, as latchkey-seed writes them
//   VUS        users at the top of the ramp: 10000, 6000, 2000 (default)
//   DURATION   seconds in all, the ramp included (600)
//   RAMP       seconds of the ramp (a sixth of them, and no more than 200 new users a second if two thirds allow it)
//   PAUSE      seconds a user waits after each turn (0)
//   P99_MS     threshold of the 99th percentile (1000)
//   MAX_FAILED threshold of the share of wrong answers (0)
//   SUMMARY    file that gets the summary as JSON
import http from 'k6/http';
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter, Rate } from 'k6/metrics';

const url = __ENV.URL;
const users = Number(__ENV.VUS || 2000);
const seconds = Number(__ENV.DURATION || 600);
// Where too many begin at once, k6 opens connections long before it finds the time to send on them, and nginx
// gives up those on which nothing came for 5 s.
const gentle = Math.min(Math.max(seconds / 6, users / 200), (seconds * 2) / 3);
const ramp = Number(__ENV.RAMP || Math.max(1, Math.round(gentle)));
const pause = Number(__ENV.PAUSE || 0);
const p99 = Number(__ENV.P99_MS || 1000);
const mostFailed = Number(__ENV.MAX_FAILED || 0);

function lines(name) {
  return new SharedArray(name, () => open(`${__ENV.SEEDED}/${name}`).trim().split('\n'));
}
const tokens = lines('tokens.txt');
const codeBodies = lines('code_bodies.txt');

const wrong = new Rate('wrong');
const kinds = ['subscription', 'code', 'poll', 'user'];
// Requests that k6 had no time to send: it opened a connection, nothing was written to it for so long that nginx gave
// it up (client_header_timeout, 5 s). No answer was wrong there, so they are counted apart.
const unsent = new Counter('unsent');
const givenUpAfterMs = 4000;
// How many codes clients were told: the runner compares it with the rows in the database.
const told = new Counter('codes_told');

function everyKind(threshold) {
  return Object.fromEntries(kinds.map((kind) => [`http_req_duration{kind:${kind}}`, threshold]));
}

export const options = {
  scenarios: {
    story: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: `${ramp}s`, target: users },
        { duration: `${Math.max(seconds - ramp, 1)}s`, target: users },
      ],
      gracefulStop: '60s',
    },
  },
  thresholds: {
    http_req_duration: [`p(99)<${p99}`],
    wrong: [`rate<=${mostFailed}`],
    // Always true: it makes k6 keep the figures of each kind apart.
    ...everyKind(['max>=0']),
  },
  summaryTrendStats: ['count', 'avg', 'med', 'p(90)', 'p(99)', 'max'],
  // Each user keeps its one connection, as browsers and apps do.
  noConnectionReuse: false,
};

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}

// `waiting` begins when the request is written.
function wasNotSent(response, began) {
  return response.status === 0 && Date.now() - began - response.timings.waiting >= givenUpAfterMs;
}

function judge(kind, response, status, text, began) {
  if (wasNotSent(response, began)) {
    unsent.add(1);
    return false;
  }
  const type = response.headers['Content-Type'] || '';
  const right =
    response.status === status && type.startsWith('application/json') && response.body.includes(text);
  wrong.add(!right);
  if (!right) {
    // The runner counts these lines by what stands before the semicolon.
    const what = response.status === 0 ? response.error : String(response.body).slice(0, 80);
    console.error(`wrong ${kind} ${response.status} ${what}; ${JSON.stringify(response.timings)}`);
  }
  return right;
}

function read(kind, path, text) {
  const began = Date.now();
  const response = http.get(url + path, {
    headers: { Authorization: `Bearer ${pick(tokens)}` },
    tags: { kind },
  });
  judge(kind, response, 200, text, began);
}

function askForCode() {
  const began = Date.now();
  const body = pick(codeBodies);
  const response = http.post(`${url}/auth/device/code`, body, {
    headers: { 'Content-Type': 'application/json' },
    tags: { kind: 'code' },
  });
  if (!judge('code', response, 200, '"device_code":', began)) return;
  told.add(1);
  poll(JSON.parse(body).client_id, response.json('device_code'));
}

function poll(clientId, deviceCode) {
  const began = Date.now();
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
    client_id: clientId,
  };
  const response = http.post(`${url}/auth/token`, form, {
    tags: { kind: 'poll' },
    responseCallback: http.expectedStatuses(400),
  });
  judge('poll', response, 400, '"authorization_pending"', began);
}

export default function turn() {
  const dice = Math.random() * 10;
  if (dice < 7) {
    read('subscription', '/api/subscription', '"plan":"pro"');
  } else if (dice < 9) {
    askForCode();
  } else {
    read('user', '/api/user', '.example"');
  }
  if (pause > 0) sleep(pause);
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY || 'summary.json']: JSON.stringify(data) };
}
