#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/capabilities.h"
#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "cli/sigusr1.h"
#include "http/server/server.h"
#include "matmul/kernel.h"
#include "native-baseline/local/corrupting.h"
#include "native-baseline/local/multiplier.h"
#include "native-baseline/local/service_time.h"
#include "native-baseline/proxy/transports.h"
#include "native-baseline/rpc/tcp_transport.h"
#include "native-baseline/worker_metrics.h"
#include "net/memory.h"

namespace {

using namespace enxame;
using namespace enxame::native;
using namespace std::chrono_literals;

void log_line(std::string_view text) { std::cerr << "matmul-worker: " + std::string(text) + "\n"; }

/// Serves the metrics for as long as it lives. Few may ask, so that they cannot take threads from
/// those who bring tasks.
class MetricsServer {
 public:
  MetricsServer(const std::string& host, std::uint16_t port, http::AccessOptions access,
                const WorkerMetrics& metrics)
      : server_({.listen = host,
                 .port = port,
                 .max_connections = 8,
                 .max_body_bytes = 0,
                 .access = std::move(access)},
                metrics::metrics_only(metrics.exposition())) {
    cli::announce_metrics(host, server_.port());
  }

 private:
  http::Server server_;
};

cli::Capabilities capabilities() {
  std::vector<Codec> codecs;
  for (const rpc::Transport* transport : transports()) codecs.push_back(transport->traits().codec);
  return {.kernels = cli::names_of(available_kernels()),
          .codecs = cli::names_of(codecs),
          .transports = cli::names_of(transports())};
}

/// Of the memory that this process may use; the allocator and connections take more than tasks
/// count.
std::size_t half_of_memory() {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  return net::memory_allowed_bytes() / 2 / kMiB * kMiB;
}

/// A task that finds no room in an idle worker would never find any.
void check_memory(const rpc::MemoryDivision& memory, const rpc::WorkerServerOptions& options) {
  if (options.max_payload_bytes <= memory.most_payload_bytes(options.max_memory_bytes)) return;
  constexpr std::size_t kKiB = 1024;
  const std::size_t least = memory.least_memory_bytes(options.max_payload_bytes);
  const rpc::MemoryParts parts = memory.parts(options.max_memory_bytes);
  std::string others;
  if (parts.operands != 0) others = " and kept operands " + cli::format_bytes(parts.operands);
  if (parts.arriving != 0) others = " and what arrives " + cli::format_bytes(parts.arriving);
  throw cli::UsageError("--max-memory is " + cli::format_bytes(options.max_memory_bytes) +
                        ", of which tasks have " + cli::format_bytes(parts.tasks) + others +
                        ": expected " + cli::format_bytes((least + kKiB - 1) / kKiB * kKiB) +
                        " or more, for a task and its product of " +
                        cli::format_bytes(options.max_payload_bytes) + " each (--max-message)");
}

void check(const rpc::TransportTraits& transport, rpc::WorkerServerOptions& options,
           const cli::Flags& flags) {
  const rpc::MemoryDivision& memory = transport.memory;
  if (flags.given("allow-host") && !flags.given("metrics-port")) {
    throw cli::UsageError("--allow-host has no effect without --metrics-port");
  }
  const std::size_t least = wire::multiply_payload_bytes({1, 1}, {1, 1});
  if (options.max_payload_bytes < least) {
    throw cli::UsageError("--max-message is " + cli::format_bytes(options.max_payload_bytes) +
                          " bytes, in which no task has room: expected " + std::to_string(least) +
                          " or more");
  }
  // The default of either follows the other one.
  if (!flags.given("max-message")) {
    const std::size_t most = memory.most_payload_bytes(options.max_memory_bytes);
    options.max_payload_bytes = std::max(least, std::min(options.max_payload_bytes, most));
  }
  if (!flags.given("max-memory")) {
    options.max_memory_bytes =
        std::max(options.max_memory_bytes, memory.least_memory_bytes(options.max_payload_bytes));
  }
  check_memory(memory, options);
  if (!transport.times_out_messages && flags.given("message-timeout")) {
    throw cli::UsageError("--message-timeout has no effect with --transport " +
                          std::string(transport.name));
  }
}

}  // namespace

int main(int argc, char** argv) {
  rpc::WorkerServerOptions options;
  options.log = log_line;
  options.max_memory_bytes = half_of_memory();
  const rpc::Transport* transport = &rpc::tcp_transport();
  Kernel kernel = Kernel::simd;
  std::chrono::milliseconds service_time = 0s;
  std::chrono::milliseconds drain_timeout = 10s;
  std::optional<std::uint16_t> metrics_port;
  http::AccessOptions access;
  bool asks_capabilities = false;
  bool corrupts = false;

  cli::Flags flags("matmul-worker",
                   "Multiplies matrices for others, one task at a time, over RPC.");
  flags.listen_host("listen", options.listen, "address to listen on");
  flags.integer<std::uint16_t>("port", options.port, 0, 65535,
                               "port to listen on, 0 for any free one");
  flags.choice("transport", transport, transports(), "how tasks come");
  flags.choice("kernel", kernel, kernel_choices(), parse_kernel, "multiply loop");
  flags.duration("service-time", service_time,
                 "hold each task at least so long, without using the processor");
  flags.integer<std::size_t>("max-connections", options.max_connections, 1, 10'000,
                             "clients that may be connected at once; grpc: calls that may wait");
  flags.bytes("max-message", options.max_payload_bytes, "largest task or product", 1);
  flags.bytes("max-memory", options.max_memory_bytes,
              "memory for tasks, kept operands and arriving messages, all together", 1);
  flags.duration("message-timeout", options.message_timeout,
                 "time for a message while it moves slower than 64KiB/s", 1ms);
  flags.duration("drain-timeout", drain_timeout, "time to finish tasks in after SIGTERM");
  flags.integer<std::uint16_t>("metrics-port", metrics_port, 0, 65535,
                               "port that answers GET /metrics, 0 for any free one (default none)");
  flags.repeated("allow-host", access.hosts, http::parse_allowed_host, "NAME",
                 "a name under which GET /metrics is answered, besides localhost; *: any");
  flags.toggle("corrupt-on-sigusr1", corrupts,
               "a fault for tests: from SIGUSR1 on, one element of every product is wrong");
  cli::declare_capabilities(flags, asks_capabilities);
  flags.example("matmul-worker --port 7001 --kernel blas");
  flags.example("matmul-worker --port 7001 --transport grpc --service-time 100ms");

  return cli::run_program(flags, argc, argv, [&] {
    if (asks_capabilities) return cli::print_capabilities(capabilities());
    check(transport->traits(), options, flags);
    const cli::Shutdown shutdown;
    KernelMultiplier multiplier(kernel);
    std::optional<CorruptingMultiplier> lying;
    if (corrupts) lying.emplace(multiplier, cli::watch_sigusr1());
    ServiceTime held(lying ? static_cast<Multiplier&>(*lying) : multiplier, service_time);
    WorkerMetrics metrics;
    std::optional<MetricsServer> metrics_server;
    if (metrics_port) {
      options.observer = &metrics;
      metrics_server.emplace(options.listen, *metrics_port, access, metrics);
    }
    const auto server = transport->serve(options, held);
    cli::announce_listening(options.listen, server->port());
    shutdown.wait();
    held.end();
    if (!server->drain(drain_timeout)) {
      log_line("ended before every task was answered");
      // A multiplication under way cannot be stopped, and whoever asked has been cut off.
      std::_Exit(0);
    }
    return 0;
  });
}
