#include "wire/digester.h"

#define XXH_INLINE_ALL  // no library to link
#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <new>
#include <random>

#include "matmul/codec/binary_codec.h"
#include "matmul/cut.h"

namespace enxame::wire {
namespace {

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

using State = std::unique_ptr<XXH3_state_t, FreeState>;

State new_state() {
  State state(XXH3_createState());
  if (!state) throw std::bad_alloc();
  return state;
}

Digest digest_of(const State& state, std::initializer_list<std::string_view> pieces) {
  for (const std::string_view piece : pieces) {
    XXH3_128bits_update(state.get(), piece.data(), piece.size());
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
  Digest digest;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), digest.bytes.begin());
  return digest;
}

}  // namespace

Digest fingerprint(std::initializer_list<std::string_view> pieces) {
  const State state = new_state();
  XXH3_128bits_reset(state.get());
  return digest_of(state, pieces);
}

Digester::Digester() {
  static_assert(sizeof secret_ >= XXH3_SECRET_SIZE_MIN);
  std::random_device random;  // the system's, not a generator of this process
  std::generate(secret_.begin(), secret_.end(),
                [&] { return static_cast<unsigned char>(random()); });
}

Digest Digester::operator()(MatrixView matrix) const {
  const auto head = frame_header<double>(matrix.shape());
  return (*this)({{head.data(), head.size()}, elements_of(matrix)});
}

Digest Digester::operator()(std::initializer_list<std::string_view> pieces) const {
  const State state = new_state();
  XXH3_128bits_reset_withSecret(state.get(), secret_.data(), secret_.size());
  return digest_of(state, pieces);
}

}  // namespace enxame::wire
