#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "matmul/codec/codec.h"
#include "matmul/timing/phases.h"

/// What both ends of the REST interface spell, beyond the routes of the original: docs/wire.md says
/// what each means.
namespace enxame::wire::rest {

inline constexpr const char* kJsonType = "application/json";
inline constexpr const char* kBinaryType = "application/octet-stream";

/// The media type of matrices in that codec.
const char* media_type(Codec codec);

inline constexpr const char* kTaskHeader = "Enxame-Task";             ///< the number of a task
inline constexpr const char* kOperandHeader = "Enxame-Operand";       ///< the digest of B
inline constexpr const char* kWorkerHeader = "Enxame-Worker";         ///< who computed the product
inline constexpr const char* kWorkerTimingHeader = "Enxame-Timing";   ///< to_server_timing()
inline constexpr const char* kProductTimingHeader = "Server-Timing";  ///< ProductTiming
inline constexpr const char* kPreferHeader = "Prefer";
inline constexpr const char* kPreferMinimal = "return=minimal";

inline constexpr std::size_t kMaxWorkerIdBytes = 128;
/// What is_worker_id() demands, for messages.
inline constexpr const char* kWorkerIdRule = "1 to 128 visible ASCII characters";

/// Whether it is a name for a worker: 1 to kMaxWorkerIdBytes visible ASCII characters.
bool is_worker_id(std::string_view id);

/// What a coordinator says of the time that a completed task took, with its product.
struct ProductTiming {
  Phases phases;           ///< from `queue` to `return_trip`, with `clock_error`
  Duration collect{};      ///< from the end of the task to this answer
  Duration accepted_at{};  ///< readings of the coordinator's clock; zero: not given
  Duration asked_at{};     ///< when the request for this answer was read
  Duration finished_at{};
};

/// The value of kProductTimingHeader. Throws std::invalid_argument for a negative duration.
std::string to_header(const ProductTiming& timing);

/// What is missing is zero. Throws as parse_server_timing() does.
ProductTiming parse_product_timing(std::string_view header);

}  // namespace enxame::wire::rest
