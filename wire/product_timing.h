#pragma once

#include <string>
#include <string_view>

#include "matmul/timing/clock_offset.h"
#include "matmul/timing/phases.h"

namespace enxame::wire::rest {

/// What a server says, with a product, of the time that it took: a coordinator, or the front of the
/// native system.
struct ProductTiming {
  Phases phases;           ///< from `queue` to `return_trip`, with `clock_error`
  Duration collect{};      ///< from the end of the task to this answer
  Duration accepted_at{};  ///< readings of the server's clock; zero: not given
  Duration asked_at{};     ///< when the request for this answer was read
  Duration finished_at{};
};

/// The value of kProductTimingHeader (wire/rest.h). Throws std::invalid_argument for a negative
/// duration.
std::string to_header(const ProductTiming& timing);

/// What is missing is zero. Throws as parse_server_timing() does, and std::invalid_argument for
/// more than ten years of anything.
ProductTiming parse_product_timing(std::string_view header);

/// A multiplication as its client saw it, on the client's clock.
struct ClientTimes {
  Duration called_at;    ///< when the client was asked for the product
  Duration sent_at;      ///< when the request that was answered with the product set off
  Duration answered_at;  ///< when the head of that answer was here
  Duration done_at;      ///< when the product was a matrix
};

/// The server's phases between `submit` and `collect`: `submit` ends when the server had accepted
/// the task, `collect` begins when it had the product. Where those moments are on the client's
/// clock is estimated with `server_clock`, which the exchange narrows; the sum of the phases does
/// not depend on that, and is the time from called_at to done_at where the server's own have no
/// gap. Expects a server that tells its clock: an accepted_at that is not zero.
Phases client_phases(const ProductTiming& timing, const ClientTimes& times,
                     ClockOffset& server_clock);

}  // namespace enxame::wire::rest
