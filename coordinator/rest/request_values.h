#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "coordinator/broker/worker_registry.h"
#include "coordinator/metrics/push_metrics.h"
#include "coordinator/store/task.h"
#include "http/message.h"
#include "matmul/codec/codec.h"

namespace enxame::coordinator {

// What requests say, as values. Each function throws http::Error with the status to answer when a
// request says something else.

/// The longest wait that a request may ask for.
inline constexpr std::chrono::milliseconds kMaxWait{60'000};

/// A task's number as it stands in a path: digits. 400 for anything else, 404 for one that no task
/// can have.
TaskId parse_task_id(std::string_view text);

/// `workerId`: 1 to 128 visible ASCII characters; empty when the request does not say.
std::string worker_id(const http::Request& request);

/// `clientId`: as workerId.
std::string client_id(const http::Request& request);

/// `lease` of an answer for a task; 0 when the request does not say.
std::uint64_t lease(const http::Request& request);

/// `keeper` of a worker: as workerId.
std::string keeper(const http::Request& request);

/// `question` of a worker: a whole number; 0 when the request does not say.
std::uint64_t question(const http::Request& request);

/// `engine` and `kernel` of a worker: as workerId.
WorkerDescription description(const http::Request& request);

/// `Idempotency-Key`, without the quotes that it may have
/// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/); empty when the
/// request has none.
std::string submission_key(const http::Request& request);

/// `role` of a WebSocket: "worker", "client" or "keeper".
PushRole push_role(const http::Request& request);

/// `wait` in milliseconds, 0 to kMaxWait; 0 when the request does not say.
std::chrono::milliseconds wait_time(const http::Request& request);

/// `count`, 0 to 1,000,000; 0 when the request does not say.
std::size_t worker_count(const http::Request& request);

/// `split` (none, rows or grid; none when the request does not say) and `tiles`, 1 to
/// Split::kMaxTiles (as many as there are workers when it does not say), `reuse` (yes or no; yes
/// when it does not say).
Split split(const http::Request& request);

/// Whether the claimant keeps operands: `operands=digest`.
bool keeps_operands(const http::Request& request);

/// Throws what wait_time() and keeps_operands() throw: what is wrong with a question for a task is
/// said before anything is done.
void check_question(const http::Request& request);

/// How the body is coded: binary for application/octet-stream, JSON for application/json and for
/// what clients send that do not say (nothing, text/plain, application/x-www-form-urlencoded). 415
/// for every other type and for a Content-Encoding.
Codec body_codec(const http::Request& request);

/// The codec in which the answer is wanted: binary when `Accept` names application/octet-stream.
Codec wanted_codec(const http::Request& request);

/// Whether `Prefer: return=minimal` is given.
bool wants_minimal(const http::Request& request);

/// Whether `next=1` is given: a worker that returns a task asks for the next one as well. Throws
/// http::Error 400 for another number than 0.
bool wants_next(const http::Request& request);

/// `Enxame-Timing`; zeros when it is missing.
WorkerPhases worker_phases(const http::Request& request);

}  // namespace enxame::coordinator
