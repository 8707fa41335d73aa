#include "load/clients/client.h"

#include <algorithm>

#include "http/access_tokens.h"

namespace enxame::load {

std::unique_ptr<Matmul> SystemOptions::open() const { return client->open(*this); }

http::Identity SystemOptions::identity() const {
  return {.token = token_file.empty() ? "" : http::read_access_token(token_file),
          .authorities_file = authorities_file};
}

std::size_t SystemOptions::named_workers() const {
  return client->traits().names_workers && split == SplitKind::none ? workers : 1;
}

bool Client::reads(std::string_view flag) const {
  return std::ranges::find(traits_.flags, flag) != traits_.flags.end();
}

}  // namespace enxame::load
