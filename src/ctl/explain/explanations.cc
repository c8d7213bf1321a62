#include "ctl/explain/explanations.h"

#include <array>

namespace ctl {

namespace {

constexpr std::string_view kNothing = "Nothing: this is meant.";
constexpr std::string_view kClient = "Nothing here: the client is to change its request.";
constexpr std::string_view kRoom =
    "Make room on the disk of the data (latchkey doctor shows how much is left); the writer goes "
    "on by itself.";
constexpr std::string_view kWriterLog =
    "latchkey status shows whether it is back; its last log line says why it was away.";

constexpr std::array kExplanations{
    // ---- a request that failed: the child says why ----
    Explanation{
        "request_failed", "too_many_writes_pending",
        "The child had pending_writes_per_child writes waiting for the writer and took no more.",
        "latchkey top: where commits are slow it is the disk; else less load, or a faster machine "
        "(docs/tuning.md)."},
    Explanation{"request_failed", "writer_silent",
                "The writer's heartbeat was older than heartbeat_old_ms, so the write was refused "
                "at once. Nothing was written.",
                kWriterLog},
    Explanation{"request_failed", "writer_did_not_answer",
                "The write went to the writer, which did not answer in record_deadline_ms or was "
                "busy. It may have been written: sent again by the client, it is a new request.",
                kWriterLog},
    Explanation{"request_failed", "no_room_on_disk",
                "The writer refused the write: the disk or its log (wal_limit_mb) is full. Nothing "
                "was written.",
                kRoom},
    Explanation{
        "request_failed", "record_not_sendable",
        "The write was longer than a frame holds. Bounded input cannot make such a one: a bug.",
        "Report it with this output."},
    Explanation{
        "request_failed", "database_unavailable",
        "The database could not be read: not there yet, recovering, or busy beyond 50 ms. Or no "
        "signing key could be used: there is none, or the master key does not open it.",
        "latchkey status; where it stays so, latchkey doctor looks at rights and the key."},
    Explanation{"request_failed", "internal",
                "The handler met what it does not know: a damaged row, an error of SQLite's. A bug "
                "or a damaged disk.",
                "Look at the lines around it; latchkey doctor; report it with this output."},
    Explanation{
        "handler_threw", "",
        "A library threw while this request was worked on: the memory was short, or a check of its "
        "own failed. The client got 500, the child serves on.",
        "what says which. bad_alloc: look at memory (latchkey top). Else a bug: report it."},
    Explanation{"request_refused", "body_too_large",
                "The body was longer than 16 KB. No request of the API needs that.", kClient},
    Explanation{
        "request_refused", "body_incomplete",
        "The body was not as long as Content-Length says: the client gave up in the middle.",
        kClient},
    Explanation{"request_refused", "request_too_old",
                "The request waited longer than request_budget_ms before a child took it up: more "
                "came in than the machine carries.",
                "latchkey top shows the wait; docs/tuning.md what helps. Is a child hanging?"},

    Explanation{"request_refused", "poisonous_request",
                "A child died of this very request, so the next one did not take it up. One "
                "request costs one child.",
                "child_died in the log names the signal. A bug: report it with this output."},
    Explanation{
        "request_refused", "no_room_for_network",
        "More sign-ins wait than the login pool takes in, and most of them are of this client's "
        "network: its newest was refused (503), so that others need not wait for it.",
        "latchkey top shows the wait. Passwords are slow on purpose; login_children is how many at "
        "a time."},
    Explanation{"request_refused", "network_shut_out",
                "A child died of a request of this client's network, which is answered 503 for 10 "
                "s, and twice as long with each further death, 10 minutes at most.",
                "It ends by itself; child_died in the log names the request that began it."},

    // ---- a person who was refused ----
    Explanation{
        "sign_in_refused", "budget",
        "Too many wrong passwords came from this address in guess_window_s, or the account was "
        "signed in to sign_ins_per_account times within a minute: no password is tried.",
        "It ends by itself. A shared address: raise password_attempts_per_address. A script that "
        "signs in: let it keep its session."},
    Explanation{"sign_in_refused", "password_or_account",
                "Wrong password, no such user, a disabled one, or one locked after too many wrong "
                "passwords. The page says the same for all.",
                "latchkey user show; latchkey user unlock starts the count afresh; latchkey user "
                "reset makes a link for a new password."},
    Explanation{"user_code_refused", "budget",
                "Too many wrong user codes from this browser or address in guess_window_s.",
                "It ends by itself; the device can ask for a new code meanwhile."},
    Explanation{
        "user_code_refused", "not_live",
        "No live code is spelled like that: mistyped, expired, used, or of another organization.",
        "The device shows a new one when it asks again."},
    Explanation{"form_refused", "sec_fetch_site",
                "The browser said that the form came from another site.", kNothing},
    Explanation{"form_refused", "origin",
                "The form's Origin is not this site: another site, or public_url is not the "
                "address in the browser's bar.",
                "Where people meet it on your own pages: latchkey doctor, finding host."},
    Explanation{"form_refused", "no_cookie",
                "The browser sent no cookie of ours: it keeps none, or the page was open for days.",
                "Open the page again; allow cookies for this site."},
    Explanation{"form_refused", "token", "The form belongs to another visit of this browser.",
                "Open the page again."},

    // ---- children and their pool ----
    Explanation{
        "slow_read", "",
        "A handler took longer than slow_ms; all other requests of that child waited.",
        "A busy disk or CPU at that moment: latchkey top. In login: hashes take their time."},
    Explanation{"accept_failed", "", "No descriptor was left for one more connection.",
                "LimitNOFILE in the unit (latchkey doctor, finding descriptors)."},
    Explanation{
        "runs_as_root", "",
        "latchkey run was started by root on a data folder of root's: a fault in any of its "
        "processes is a fault of root's.",
        "latchkey stop; chown -R USER DATA to a user of its own; start it again, as root too."},
    Explanation{"unknown_variable", "",
                "A variable of the environment begins with LATCHKEY_ and is no setting: it sets "
                "nothing.",
                "nearest is what was probably meant; latchkey settings lists all. Mend it in the "
                "shell or in EnvironmentFile= of the unit, and start anew."},
    Explanation{"few_descriptors", "",
                "The hard limit allows fewer connections than connections_per_child.",
                "LimitNOFILE in the unit, or a lower connections_per_child."},
    Explanation{"unreadable_public_key", "", "A signing key in the database cannot be parsed.",
                "latchkey keys list; make a new one with latchkey keys create."},
    Explanation{"notify_failed", "", "The child could not tell its parent that it is ready.",
                "The parent is gone; its successor starts new children."},
    Explanation{
        "not_counted", "", "shared.tables has no room for one more child's counters.",
        "Stop the pools, delete run/shared.tables, start them: limits and counts begin anew."},
    Explanation{"child_died", "",
                "A child ended without being told. nginx sent its requests to the next one.",
                "how says the signal: 9 is you or the kernel's memory killer (dmesg), 11 or 6 a "
                "bug. With request_id it died of that request: report it (docs/operations.md, \"A "
                "request kills children\")."},
    Explanation{"network_shut_out", "",
                "A child died of a request of this network, which is answered 503 for a while.",
                "child_died beside it names the request. A bug: report it."},
    Explanation{
        "death_not_audited", "",
        "A child died of a request while 16 such deaths waited for the writer: the audit log has "
        "no row of this one.",
        "child_died beside it says as much. Look why the writer takes none: latchkey status."},
    Explanation{
        "deaths_not_noted", "",
        "The parent cannot use shared.tables, so a request that kills a child is not kept away.",
        "reason says why; its children say the same. Stop the pools, delete it, start them."},
    Explanation{"child_not_started", "", "The parent could not start a child.",
                "reason says why: memory, processes (ulimit -u), or the binary is gone."},
    Explanation{"child_not_ready", "",
                "A child did not serve within 10 s of its start; it was killed.",
                "Its own line before says why: settings, master key, shared.tables."},
    Explanation{"child_hangs", "",
                "A child's loop stood still for 30 s; it was killed and replaced.",
                "A disk that stands still (dmesg), or a bug: report it."},
    Explanation{"child_drains_too_long", "", "A replaced child did not end in 20 s; it was killed.",
                "Seldom: nothing. Often: nginx keeps connections longer than keepalive_time 10s."},
    Explanation{"reload_refused", "",
                "SIGHUP: the new configuration is wrong, or needs a new start. Nothing changed.",
                "Its reason says which; of a pool's, latchkey-worker --check-config says what. "
                "Mend it and reload again, or start anew."},
    Explanation{"reload_stopped", "",
                "A replacement did not get ready, so the old children serve on.",
                "Its own line before says why; then reload again."},

    // ---- to and from the writer ----
    Explanation{"writer_lost", "",
                "The connection to the writer broke. What was unanswered is sent to the next one.",
                kWriterLog},
    Explanation{"bad_frame_from_writer", "", "The writer sent what this release does not read.",
                "Restart the older of the two: versions must not be more than one apart."},
    Explanation{"peer_refused", "",
                "Somebody who is no user of this server connected to the writer.",
                "uid and pid say who. The pools' user is the setting web_user."},
    Explanation{
        "peer_closed", "", "The writer closed a connection that sent what it may not.",
        "reason and name say what. A newer child with an older writer: restart the writer."},
    Explanation{"batch_failed", "",
                "The writer could not commit a batch; all its requests were answered 503 and "
                "nothing of them is written.",
                kRoom},
    Explanation{"backup_failed", "", "A backup ended without a file; requests were not concerned.",
                "The reason stands in the line: room beside the database for a copy of it, as a "
                "rule. Then run latchkey backup again."},
    Explanation{"backup_given_up", "", "A backup ended because the command that asked was ended.",
                "Nothing, if that was meant; else run latchkey backup again."},
    Explanation{"checkpoint_failed", "", "The WAL could not be moved into the database.", kRoom},
    Explanation{"slow_commit", "", "A commit took longer than slow_ms.",
                "The disk stalls: compare with fdatasync alone (docs/tuning.md)."},
    Explanation{"slow_checkpoint", "", "Moving the WAL into the database took longer than slow_ms.",
                "The disk; or a reader that holds a snapshot (fuser -v latchkey.db)."},
    Explanation{"store_failed", "",
                "The writer stopped, because it can no longer trust the disk: a failed fsync, a "
                "damaged file. Its successor reads what is on the disk.",
                "dmesg; latchkey doctor. Where it does not start again: restore the last backup."},
    Explanation{"cannot_serve", "", "The writer could not start.", "reason says what to do."},
    Explanation{"exception", "",
                "The writer ended on an error of the library: as a rule no memory.",
                "free -m; dmesg. Report it with this output."},
    Explanation{"stopped", "", "The process could not start or go on.", "reason says what to do."},

    // ---- latchkey run ----
    Explanation{"ended", "", "A process ended and is started again.",
                "Its own last line says why; how often it happens is in latchkey status (UP)."},
    Explanation{"start_failed", "", "A process could not be started; it is tried again.",
                "reason says why."},
    Explanation{"killed", "", "A process did not stop when told.", "Seldom: nothing."},
    Explanation{"fewer_clients", "", "The descriptor limit allows fewer clients than max_clients.",
                "ulimit -Hn before the start, or LimitNOFILE in the unit."},
    Explanation{"short_listen_queue", "", "net.core.somaxconn is short for bursts of connections.",
                "sysctl -w net.core.somaxconn=4096"},
    Explanation{"no_trusted_proxies", "", "All clients look like the proxy in front.",
                "trusted_proxies = \"ADDRESS of the proxy\""},
    Explanation{"public_url_has_another_port", "", "Links lead to a port where nobody listens.",
                "Make public_url and port agree."},

    // ---- what the access log says: error=WORD ----
    Explanation{"answer", "DEVICE_CODE_PENDING",
                "The person has not decided yet: the device polls on.", kNothing},
    Explanation{"answer", "SLOW_DOWN", "The device polled sooner than its interval.", kClient},
    Explanation{"answer", "DEVICE_CODE_EXPIRED", "Nobody decided in time (device_code_s).",
                "The device asks for a new code."},
    Explanation{
        "answer", "ACCESS_DENIED",
        "The person refused, or the account was disabled or signed out everywhere meanwhile.",
        "latchkey user show tells whether it is disabled."},
    Explanation{
        "answer", "INVALID_GRANT",
        "The code or refresh token is unknown, used, revoked, expired, or of another client.",
        "The client signs in anew. Often: it keeps using a refresh token after a new one."},
    Explanation{"answer", "INVALID_REQUEST", "A parameter is missing, doubled or malformed.",
                kClient},
    Explanation{"answer", "INVALID_SCOPE", "A scope that this server does not have.", kClient},
    Explanation{"answer", "INVALID_TARGET", "A resource that the service does not name.",
                "latchkey service update --resource, or another resource in the request."},
    Explanation{"answer", "UNAUTHORIZED_CLIENT", "The client may not use this grant.", kClient},
    Explanation{"answer", "UNSUPPORTED_GRANT_TYPE", "A grant that this server does not have.",
                kClient},
    Explanation{"answer", "INVALID_CLIENT",
                "Unknown or disabled client_id, wrong secret or assertion, or another "
                "organization's issuer.",
                "latchkey service show says what the client is and whether it is disabled."},
    Explanation{"answer", "UNAUTHORIZED",
                "No access token, or one that is not ours, revoked, or of another issuer.",
                "The client refreshes or signs in. After grant revoke that is meant."},
    Explanation{"answer", "TOKEN_EXPIRED", "The access token has ended.", "The client refreshes."},
    Explanation{"answer", "FORBIDDEN",
                "The form is not of this visit (form_refused says why), or a scope is missing.",
                "Open the page again; an API client asks for the scope."},
    Explanation{"answer", "BAD_REQUEST", "A value that is not valid here.", kClient},
    Explanation{"answer", "NOT_FOUND", "Nothing is served at this address.", kClient},
    Explanation{"answer", "METHOD_NOT_ALLOWED", "The address takes another method: see Allow.",
                kClient},
    Explanation{"answer", "UNSUPPORTED_MEDIA_TYPE", "The address takes another Content-Type.",
                kClient},
    Explanation{"answer", "PAYLOAD_TOO_LARGE", "The body is longer than 16 KB.", kClient},
    Explanation{
        "answer", "MISDIRECTED_REQUEST",
        "The Host is no name of this server: neither public_url's nor a registered domain.",
        "latchkey domain create, or a proxy in front that passes Host on (latchkey doctor)."},
    Explanation{"answer", "TOO_MANY_REQUESTS",
                "A limit of [limits] held for this address or client.",
                "It ends by itself (Retry-After); /metrics says which: latchkey_limited_total."},
    Explanation{"answer", "SERVICE_UNAVAILABLE",
                "The server could not take it at that moment; the child's log line says why.",
                "Come back after Retry-After. Often: latchkey top, latchkey doctor."},
    Explanation{"answer", "INTERNAL_SERVER_ERROR",
                "A bug or a damaged row; the child's line says more.",
                "latchkey doctor; report it with this output."},

    // ---- what nginx answered without asking a child, or in place of one ----
    Explanation{"nginx", "403", "Not from this address: /metrics is for loopback and metrics_from.",
                "Ask nginx directly, without a proxy; metrics_from names more addresses."},
    Explanation{"nginx", "404", "No such address; nothing but exact ones is passed on.", kClient},
    Explanation{"nginx", "408", "The request did not arrive in time.", kClient},
    Explanation{"nginx", "413", "The body is longer than 16 KB.", kClient},
    Explanation{"nginx", "414", "The address is too long.", kClient},
    Explanation{
        "nginx", "429",
        "More requests a second than one address may send. Of these one in 1,000 is logged.",
        "requests_per_second_per_address, passwords_per_second_per_address (of an IPv6 /48: "
        "_per_site). A proxy in front whose clients share its address: trusted_proxies."},
    Explanation{"nginx", "431", "The headers are too long.", kClient},
    Explanation{"nginx", "499", "The client left before the answer was there.",
                "Often: it waits less long than the server; latchkey top."},
    Explanation{"nginx", "503",
                "nginx shed the request and asked no child: more at once than max_clients, or of "
                "one address than max_clients_per_address (of what has a body or comes over HTTP/2 "
                "a fifth), or of one organization's address than three quarters of max_clients.",
                "Only the access log has it (upstream_s=-); nginx's error log has nothing that a "
                "limit refused. Which limit: are its lines with 503 of that second of one address, "
                "one host, or of all? docs/tuning.md says what to raise."},
    Explanation{"nginx", "503 of the pool",
                "No child took the request: every socket's queue full, the pool down, or no answer "
                "in 15 s.",
                "latchkey status; net.core.somaxconn. nginx's error log says connect() failed or "
                "timed out; it has no such line for /sign-in, /activate and /set-password, whose "
                "queries hold secrets."},
    Explanation{
        "nginx", "500",
        "nginx could not go on: as a rule it had no connection, descriptor or memory left.",
        "nginx's error log says which; descriptors: LimitNOFILE in the unit (latchkey doctor)."},
    Explanation{"nginx", "", "nginx answered by itself: the request is not one this server takes.",
                kClient},
};

}  // namespace

std::span<const Explanation> Explanations() { return kExplanations; }

const Explanation* FindExplanation(std::string_view event, std::string_view reason) {
  const Explanation* general = nullptr;
  for (const Explanation& row : kExplanations) {
    if (row.event != event) continue;
    if (row.reason == reason) return &row;
    if (row.reason.empty()) general = &row;
  }
  return general;
}

}  // namespace ctl
