#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "http/flags/server_flags.h"
#include "http/server/server.h"
#include "matmul/codec/text_codec.h"
#include "matmul/kernel.h"
#include "matmul/partition.h"
#include "matmul/verify/product_verifier.h"
#include "native-baseline/front/http_front.h"
#include "native-baseline/local/local_matmul.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/proxy/transports.h"
#include "net/memory.h"

namespace {

using namespace enxame;
using namespace enxame::native;
using namespace std::chrono_literals;

enum class Mode { local, distributed };

std::string_view to_string(Mode mode) { return mode == Mode::local ? "local" : "distributed"; }

/// Of the memory that this process may use; bodies and the allocator take more than tasks count.
std::size_t half_of_memory() {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  return net::memory_allowed_bytes() / 2 / kMiB * kMiB;
}

void log_line(std::string_view text) { std::cerr << "matmul-server: " + std::string(text) + "\n"; }

/// What the text of a 1 × 1 product may take.
const std::size_t kLeastProductBytes = most_text_bytes({1, 1});

struct Options {
  http::ServerOptions http;
  Mode mode = Mode::local;
  Kernel kernel = Kernel::simd;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<rpc::WorkerAddress> workers;
  ProxyOptions proxy{.verify = Verify::all, .log = log_line};
  bool no_reuse = false;
  FrontBounds bounds{.max_memory_bytes = half_of_memory()};
  std::chrono::milliseconds drain_timeout = 10s;
};

void declare(Options& options, cli::Flags& flags) {
  flags.choice("mode", options.mode, std::array{Mode::local, Mode::distributed},
               "multiply here, or on the workers");
  flags.list("workers", options.workers, rpc::parse_worker_address, "HOST:PORT",
             "where matmul-workers listen (distributed)");
  flags.choice("transport", options.proxy.transport, transports(),
               "how the workers are reached (distributed)");
  flags.duration("call-timeout", options.proxy.call_timeout,
                 "time for a worker's answer before the next one is asked (distributed)", 1ms);
  flags.integer<std::size_t>("calls-per-worker", options.proxy.calls_per_worker, 1, 1'000,
                             "tasks outstanding at one worker (distributed)");
  flags.choice("split", options.proxy.split,
               std::array{SplitKind::none, SplitKind::rows, SplitKind::grid},
               "how each multiplication is split into a tile per worker (distributed)");
  flags.toggle(
      "no-reuse", options.no_reuse,
      "sends what tiles share anew in each multiplication, as if none had come before: for "
      "measurements that repeat their matrices (with --split)");
  flags.choice("verify", options.proxy.verify, std::array{Verify::off, Verify::sample, Verify::all},
               "which products of workers are verified; one whose product is wrong gets no more "
               "tasks (distributed)");
  flags.choice("kernel", options.kernel, kernel_choices(), parse_kernel, "multiply loop (local)");
  flags.integer<std::size_t>("threads", options.threads, 1, 10'000,
                             "multiplications at once (local)");
  flags.bytes("max-product", options.bounds.max_product_bytes,
              "most that a product's text may take, by its shape (default as --max-body, no more "
              "than --max-in-flight)");
  flags.bytes("max-memory", options.bounds.max_memory_bytes,
              "what requests that are handled may take together");
  flags.duration("drain-timeout", options.drain_timeout,
                 "time to finish requests in after SIGTERM");
  flags.example("matmul-server --port 8080");
  flags.example(
      "matmul-server --port 8080 --mode distributed --workers 127.0.0.1:7001,127.0.0.1:7002");
}

void check(Options& options, const cli::Flags& flags) {
  if (!flags.given("max-product")) {
    options.bounds.max_product_bytes =
        std::min({options.http.max_body_bytes, options.http.max_in_flight_bytes,
                  options.bounds.max_memory_bytes});
  }
  if (options.bounds.max_product_bytes < kLeastProductBytes) {
    throw cli::UsageError("--max-product is " + std::to_string(options.bounds.max_product_bytes) +
                          " bytes, in which no product has room: expected " +
                          std::to_string(kLeastProductBytes) + " or more");
  }
  if (options.bounds.max_memory_bytes < options.bounds.max_product_bytes) {
    throw cli::UsageError("--max-memory is " + cli::format_bytes(options.bounds.max_memory_bytes) +
                          ", expected the " + cli::format_bytes(options.bounds.max_product_bytes) +
                          " of --max-product or more");
  }
  if (options.http.max_in_flight_bytes < options.bounds.max_product_bytes) {
    throw cli::UsageError("--max-in-flight is " +
                          cli::format_bytes(options.http.max_in_flight_bytes) + ", expected the " +
                          cli::format_bytes(options.bounds.max_product_bytes) +
                          " of --max-product or more, which answers may take together");
  }
  if (options.proxy.call_timeout == 0ms) {
    throw cli::UsageError("--call-timeout is 0, in which no worker answers: expected 1ms or more");
  }
  const bool local = options.mode == Mode::local;
  if (!local && !flags.given("workers")) {
    throw cli::UsageError("--mode distributed needs --workers HOST:PORT,…");
  }
  const auto refuse_in = [&](std::string_view mode, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (!flags.given(name)) continue;
      throw cli::UsageError("--" + std::string(name) + " has no effect with --mode " +
                            std::string(mode));
    }
  };
  if (local) {
    refuse_in("local", {"workers", "transport", "call-timeout", "calls-per-worker", "split",
                        "no-reuse", "verify"});
  } else {
    refuse_in("distributed", {"kernel", "threads"});
  }
  if (options.no_reuse && options.proxy.split == SplitKind::none) {
    throw cli::UsageError("--no-reuse has no effect without --split rows or grid");
  }
  options.proxy.reuse_operands = !options.no_reuse;
}

std::unique_ptr<Matmul> make_matmul(const Options& options, FrontMetrics& metrics) {
  if (options.mode == Mode::local) {
    return std::make_unique<LocalMatmul>(options.kernel, options.threads);
  }
  try {
    auto proxy = std::make_unique<MatmulProxy>(options.workers, options.proxy);
    metrics.watch(*proxy);
    return proxy;
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(std::string("--workers: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Flags flags("matmul-server",
                   "The HTTP front of the native system: POST /matmul multiplies two matrices.");
  http::ServerFlags server_flags(flags, options.http, http::ServerFlags::Parties::clients, 1);
  declare(options, flags);
  return cli::run_program(flags, argc, argv, [&] {
    server_flags.check();
    check(options, flags);
    server_flags.read_tokens();
    const cli::Shutdown shutdown;
    FrontMetrics metrics;
    const auto matmul = make_matmul(options, metrics);
    options.http.observer = &metrics.observer();
    http::Server server(front_options(options.http),
                        matmul_front(*matmul, metrics, options.bounds));
    cli::announce_listening(options.http.listen, server.port());
    shutdown.wait();
    if (!server.drain(options.drain_timeout)) {
      log_line("ended before every request was answered");
      // A multiplication under way cannot be stopped, and whoever asked has been cut off.
      std::_Exit(0);
    }
    return 0;
  });
}
