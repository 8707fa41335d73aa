#include "wire/rest.h"

#include <algorithm>

namespace enxame::wire::rest {

const char* media_type(Codec codec) { return codec == Codec::binary ? kBinaryType : kJsonType; }

bool is_worker_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxWorkerIdBytes &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_submission_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyBytes &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace enxame::wire::rest
