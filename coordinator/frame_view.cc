#include "coordinator/frame_view.h"

#include <string>

namespace enxame {

FrameView take_frame_view(std::string_view& rest) {
  const FrameHeader header = parse_frame_header(rest);
  if (header.frame_bytes() > rest.size()) {
    throw FrameError("the frame has " + std::to_string(rest.size()) + " bytes, expected " +
                     std::to_string(header.frame_bytes()));
  }
  const std::string_view frame = rest.substr(0, header.frame_bytes());
  const std::size_t payload_bytes = header.shape.size() * element_bytes(header.dtype);
  const std::string_view padding = frame.substr(kFrameHeaderBytes + payload_bytes);
  if (padding.find_first_not_of('\0') != std::string_view::npos) {
    throw FrameError("the frame's padding holds bytes that are not 0");
  }
  rest.remove_prefix(frame.size());
  return {header, frame.substr(kFrameHeaderBytes, payload_bytes)};
}

FrameView view_frame(std::string_view bytes) {
  const FrameView frame = take_frame_view(bytes);
  if (bytes.empty()) return frame;
  throw FrameError(std::to_string(bytes.size()) + " bytes follow the last frame, expected none");
}

std::string frame_head(const FrameHeader& header) {
  const auto head = header.dtype == Dtype::f64 ? frame_header<double>(header.shape)
                                               : frame_header<float>(header.shape);
  return {head.data(), head.size()};
}

std::size_t padding_bytes(const FrameHeader& header) {
  return header.frame_bytes() - kFrameHeaderBytes -
         header.shape.size() * element_bytes(header.dtype);
}

void append_frame(const FrameView& frame, std::string& out) {
  out.append(frame_head(frame.header)).append(frame.elements);
  out.append(padding_bytes(frame.header), '\0');
}

}  // namespace enxame
