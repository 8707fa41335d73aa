#pragma once

#include <cstddef>
#include <string_view>

#include "matmul/codec/codec.h"

/// What both ends of the REST interface spell, beyond the routes of the original: docs/wire.md says
/// what each means.
namespace enxame::wire::rest {

inline constexpr const char* kJsonType = "application/json";
inline constexpr const char* kBinaryType = "application/octet-stream";

/// The media type of matrices in that codec.
const char* media_type(Codec codec);

inline constexpr const char* kTaskHeader = "Enxame-Task";             ///< the number of a task
inline constexpr const char* kLeaseHeader = "Enxame-Lease";           ///< of the task that is given
inline constexpr const char* kKeyHeader = "Idempotency-Key";          ///< of a submission
inline constexpr const char* kOperandHeader = "Enxame-Operand";       ///< the digest of B
inline constexpr const char* kWorkerHeader = "Enxame-Worker";         ///< who computed the product
inline constexpr const char* kWorkerTimingHeader = "Enxame-Timing";   ///< to_server_timing()
inline constexpr const char* kProductTimingHeader = "Server-Timing";  ///< product_timing.h
inline constexpr const char* kPreferHeader = "Prefer";
inline constexpr const char* kPreferMinimal = "return=minimal";

inline constexpr std::size_t kMaxWorkerIdBytes = 128;
/// What is_worker_id() demands, for messages.
inline constexpr const char* kWorkerIdRule = "1 to 128 visible ASCII characters";

/// Whether it is a name for a worker, a client or a keeper: 1 to kMaxWorkerIdBytes visible ASCII
/// characters.
bool is_worker_id(std::string_view id);

inline constexpr std::size_t kMaxKeyBytes = 255;
/// What is_submission_key() demands, for messages.
inline constexpr const char* kSubmissionKeyRule = "1 to 255 printable ASCII characters";

/// Whether it is a key of a submission: 1 to kMaxKeyBytes printable ASCII characters.
bool is_submission_key(std::string_view key);

}  // namespace enxame::wire::rest
