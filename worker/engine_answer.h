#pragma once

#include <cstddef>
#include <string_view>

#include "matmul/codec/binary_codec.h"
#include "matmul/matrix.h"
#include "matmul/timing/phases.h"
#include "wire/message.h"
#include "worker/engine.h"

namespace enxame::worker {

/// What comes in an answer before the values of a product: the worker's phases, and the header of
/// the frame.
inline constexpr std::size_t kProductForeBytes = wire::kWorkerPhasesBytes + kFrameHeaderBytes;

/// The phases of a product in f64 of that shape, from what comes before its values. Throws
/// wire::ProtocolError or FrameError when it is none.
WorkerPhases read_product_fore(const wire::MessageHeader& header, std::string_view fore,
                               Shape shape);

/// How long matrices were under way, when it took `whole` from the question to the product, and the
/// engine says that. The clocks of both have nothing to do with each other: on the way there it is
/// taken to be as long as on the way back; and what an engine says of itself cannot be more than
/// all there is.
Engine::Travel travel_of(Duration whole, const WorkerPhases& phases);

}  // namespace enxame::worker
