#include "load/clients/clients.h"

#include <algorithm>
#include <iterator>

#include "load/clients/http.h"
#include "load/clients/inproc.h"
#include "load/clients/rest.h"
#include "load/clients/rpc.h"
#include "load/clients/websocket.h"

namespace enxame::load {

std::span<const Client* const> clients() {
  static const std::vector<const Client*> all = [] {
    std::vector<const Client*> list{&inproc_client()};
    std::ranges::copy(rpc_clients(), std::back_inserter(list));
    list.push_back(&rest_client());
    list.push_back(&websocket_client());
    list.push_back(&http_client());
    return list;
  }();
  return all;
}

}  // namespace enxame::load
