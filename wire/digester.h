#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "matmul/matrix_view.h"
#include "wire/digest.h"

namespace enxame::wire {

/// Of these bytes, which follow each other, the same in every process: XXH3 in 128 bits without a
/// secret, for whoever fools only itself by two contents of one digest.
Digest fingerprint(std::initializer_list<std::string_view> pieces);

/// Makes the digests by which a sender names matrices to the workers that it sent them to: XXH3 in
/// 128 bits (https://xxhash.com) under a secret that is drawn anew for each Digester and never
/// leaves it. Who does not know the secret cannot make two matrices of one digest, nor guess the
/// digest of a matrix that it was not told. Not for browsers: workers only compare digests.
class Digester {
 public:
  Digester();

  /// Of that matrix: its shape and its elements.
  Digest operator()(MatrixView matrix) const;

  /// Of these bytes, which follow each other.
  Digest operator()(std::initializer_list<std::string_view> pieces) const;

 private:
  std::array<unsigned char, 192> secret_{};
};

}  // namespace enxame::wire
