#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "matmul/codec/binary_codec.h"
#include "matmul/matrix.h"

namespace enxame::coordinator {

/// The frame of a matrix in three pieces, of which the largest lies in the matrix itself, so that a
/// matrix can be sent without being copied. The matrix must outlive this, which stays where it is.
class FramePieces {
 public:
  explicit FramePieces(const Matrix& matrix)
      : header_{Dtype::f64, matrix.shape()},
        head_(frame_header<double>(header_.shape)),
        payload_(reinterpret_cast<const char*>(matrix.data()), matrix.values().size_bytes()) {}
  FramePieces(const FramePieces&) = delete;
  FramePieces& operator=(const FramePieces&) = delete;

  std::string_view head() const { return {head_.data(), head_.size()}; }
  std::string_view payload() const { return payload_; }
  std::string_view padding() const {
    static constexpr std::array<char, kFrameHeaderBytes> kZeros{};
    return {kZeros.data(), header_.frame_bytes() - head_.size() - payload_.size()};
  }

 private:
  FrameHeader header_;
  std::array<char, kFrameHeaderBytes> head_;
  std::string_view payload_;
};

}  // namespace enxame::coordinator
