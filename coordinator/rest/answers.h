#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/broker/task_view.h"
#include "coordinator/broker/worker_registry.h"
#include "coordinator/rest/operand_index.h"
#include "coordinator/store/task.h"
#include "http/message.h"
#include "matmul/codec/codec.h"
#include "wire/digest.h"

namespace enxame::coordinator {

// What the API answers. Bodies are exactly those of the original system: its clients compare and
// cut them as text.

/// 200 {"taskId":1}
http::Response submitted_answer(TaskId id);

/// 200 {"taskId":1,"data":{"A":"…","B":"…"}} or two frames, with the headers Enxame-Task and
/// Enxame-Lease.
http::Response task_answer(const Assignment& task, Codec wanted);

/// 200 with the frame of a tile's A alone; the same headers and Enxame-Operand, which names its B.
http::Response tile_answer(const Assignment& task, const wire::Digest& b);

/// 200 with the frame that is called so, for ever; 304 when the request has it.
http::Response operand_answer(const http::Request& request, const wire::Digest& digest,
                              const OperandIndex::Found& operand);

/// 204
http::Response empty_answer();

/// 200 {"taskId":1,"status":"completed","result":"…"}; without `result` where `minimal`.
http::Response status_answer(const TaskView& task, bool minimal);

/// As status_answer(), or the frame of a completed task; with the headers Enxame-Worker and
/// Server-Timing when it is completed: its phases, and readings of this clock, `asked_at` among
/// them: when the question was there.
http::Response result_answer(const TaskView& task, Codec wanted,
                             std::chrono::steady_clock::time_point asked_at);

/// 200 with all that is known of a task at `now`, in JSON: docs/wire.md has its members.
http::Response record_answer(const TaskRecord& task, const Instant& now);

/// 200 {"totalTasks":…,"completedTasks":…,"activeTasks":…,"queueSize":…}
http::Response stats_answer(const StoreStats& stats);

/// 200 {"workers":[{"workerId":"w1","state":"asking","lastSeenMs":12,"completed":3,"failed":0,
/// "engine":"native","kernel":"simd","admission":"admitted","reason":""}]}
http::Response workers_answer(const std::vector<WorkerView>& workers);

/// 200 {"status":"ok"}
http::Response health_answer();

/// 200 with the methods; the server adds what a browser asks before it lets a page of another
/// origin send a request.
http::Response preflight_answer();

/// {"error":"…"}
http::Response error_answer(int status, const std::string& message);

/// 503 {"error":"…"}, where the store cannot be asked
http::Response unavailable_answer();

}  // namespace enxame::coordinator
