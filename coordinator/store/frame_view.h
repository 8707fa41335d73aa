#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "matmul/codec/binary_codec.h"

namespace enxame::coordinator {

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

/// Throws FrameError for a product in a frame of another type than the coordinator keeps, f64.
void expect_f64_product(const FrameView& frame);

/// The index, row by row, of the first element that is not finite; nothing where all are.
std::optional<std::size_t> find_not_finite(const FrameView& frame);

/// "the element in row 2, column 3 is inf": rows and columns count from 1.
std::string describe_element(const FrameView& frame, std::size_t index);

/// The bytes of that header.
std::string frame_head(const FrameHeader& header);

/// Zero bytes behind the elements of a frame.
std::size_t padding_bytes(const FrameHeader& header);

/// Appends the whole frame to `out`.
void append_frame(const FrameView& frame, std::string& out);

}  // namespace enxame::coordinator
