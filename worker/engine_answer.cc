#include "worker/engine_answer.h"

#include <algorithm>
#include <string>

namespace enxame::worker {

WorkerPhases read_product_fore(const wire::MessageHeader& header, std::string_view fore,
                               Shape shape) {
  if (header.payload_bytes != wire::product_payload_bytes(shape)) {
    throw wire::ProtocolError("a product of " + std::to_string(header.payload_bytes) +
                              " bytes, expected " +
                              std::to_string(wire::product_payload_bytes(shape)));
  }
  const WorkerPhases phases = wire::decode_product_phases(fore);
  const FrameHeader frame = parse_frame_header(fore.substr(wire::kWorkerPhasesBytes));
  if (frame.dtype != Dtype::f64 || frame.shape != shape) {
    throw wire::ProtocolError("a product of " + to_string(frame.shape) + " in " +
                              std::string(to_string(frame.dtype)) + ", expected " +
                              to_string(shape) + " in f64");
  }
  return phases;
}

Engine::Travel travel_of(Duration whole, const WorkerPhases& phases) {
  const Duration away = std::min(phases.total(), whole);
  const Duration decode = std::min(phases.decode, away);
  const Duration encode = std::min(phases.encode, away - decode);
  const Duration way = (whole - away) / 2;
  return {decode + way, encode + way};
}

}  // namespace enxame::worker
