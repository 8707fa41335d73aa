#include "native-baseline/bench/echo.h"

#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "native-baseline/bench/socket_echo.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/origin_rpc/text_wire.h"
#include "native-baseline/rpc/tcp_transport.h"
#ifdef ENXAME_HAVE_GRPC
#include "native-baseline/bench/grpc_echo.h"
#include "native-baseline/grpc/grpc_transport.h"
#endif

namespace enxame::native {
namespace {

std::size_t binary_answer_bytes(const Matrix& product) {
  return wire::outgoing_product(1, product, {}).size();
}

std::size_t text_answer_bytes(const Matrix& product) {
  return rpc::encode_text_product(product, {}).size();
}

}  // namespace

std::span<const EchoOfTransport> echoes() {
  static const std::array all{
      EchoOfTransport{.transport = &rpc::tcp_transport(),
                      .echo = {open_tcp_echo, serve_tcp_echo},
                      .stub = {},
                      .answer_bytes = binary_answer_bytes,
                      .largest_n = 512},
      EchoOfTransport{.transport = &rpc::text_transport(),
                      .echo = {open_text_echo, serve_text_echo},
                      .stub = {},
                      .answer_bytes = text_answer_bytes,
                      .largest_n = 64},  // byte by byte
#ifdef ENXAME_HAVE_GRPC
      EchoOfTransport{.transport = &rpc::grpc_transport(),
                      .echo = {open_grpc_echo, serve_grpc_echo},
                      .stub = EchoSides{open_grpc_stub_echo, serve_grpc_stub_echo},
                      .answer_bytes = binary_answer_bytes,
                      .largest_n = 512},
#endif
  };
  return all;
}

const EchoOfTransport& echo_of(std::string_view transport) {
  for (const EchoOfTransport& one : echoes()) {
    if (to_string(one.transport) == transport) return one;
  }
  throw std::invalid_argument("unknown transport " + std::string(transport));
}

void wait_until_killed() {
  for (;;) ::pause();
}

}  // namespace enxame::native
