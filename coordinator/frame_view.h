#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "matmul/binary_codec.h"

namespace enxame {

/// A frame of any type where it lies.
struct FrameView {
  FrameHeader header;
  std::string_view elements;  ///< row by row, without header and padding
};

/// Takes the frame at the front of `rest` off it without looking at its elements. Throws FrameError
/// when it is malformed or cut short.
FrameView take_frame_view(std::string_view& rest);

/// The one frame that `bytes` holds; throws FrameError when anything follows it.
FrameView view_frame(std::string_view bytes);

/// The bytes of that header.
std::string frame_head(const FrameHeader& header);

/// Zero bytes behind the elements of a frame.
std::size_t padding_bytes(const FrameHeader& header);

/// Appends the whole frame to `out`.
void append_frame(const FrameView& frame, std::string& out);

}  // namespace enxame
