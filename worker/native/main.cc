// swarm-worker: the browser's worker without a browser, so that only the engine differs.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/capabilities.h"
#include "cli/flags.h"
#include "cli/program.h"
#include "cli/shutdown.h"
#include "cli/sigusr1.h"
#include "http/access_tokens.h"
#include "http/client/client.h"
#include "matmul/codec/codec.h"
#include "matmul/kernel.h"
#include "net/system.h"
#include "wire/rest.h"
#include "worker/native/child_engine.h"
#include "worker/native/keeper.h"
#include "worker/native/native_host.h"
#include "worker/worker_loop.h"
#include "worker/worker_options.h"

namespace {

using namespace enxame;
using namespace enxame::worker;
using namespace std::chrono_literals;

constexpr std::array kCodecs{Codec::json, Codec::binary};

/// How long a multiplication may take to end once the program has been told to.
constexpr std::chrono::milliseconds kPatience = 10s;

struct Settings {
  bool asks_capabilities = false;
  bool corrupts = false;
  std::string coordinator;
  std::string token_file;
  std::string authorities_file;
  std::string engine;  // a command
  std::chrono::milliseconds engine_limit{};
  WorkerOptions worker{.worker_id = random_worker_id()};
};

/// How a worker of that dispatch reaches its coordinator, as systems name it.
std::string transport_of(Dispatch dispatch) { return dispatch == Dispatch::push ? "ws" : "rest"; }

cli::Capabilities capabilities() {
  std::vector<std::string> transports;
  std::ranges::transform(kDispatches, std::back_inserter(transports), transport_of);
  return {.kernels = cli::names_of(available_kernels()),
          .codecs = cli::names_of(kCodecs),
          .transports = cli::names_of(transports)};
}

void declare(cli::Flags& flags, Settings& settings) {
  WorkerOptions& worker = settings.worker;
  flags.text("coordinator", settings.coordinator, "URL", "where tasks come from");
  flags.text("token-file", settings.token_file, "FILE",
             "the token to show to the coordinator, alone in a file");
  flags.text("ca-file", settings.authorities_file, "FILE",
             "PEM file of the authorities to believe of an https:// coordinator; default: the "
             "system's");
  flags.text("worker-id", worker.worker_id, "NAME", "this worker's name");
  flags.choice("dispatch", worker.dispatch, kDispatches, "how it gets its next task");
  flags.duration("interval", worker.interval, "time between requests for a task (poll)");
  flags.duration("wait", worker.wait, "how long the coordinator may hold a request (long-poll)");
  flags.choice("codec", worker.codec, kCodecs, "how matrices travel (push: binary)");
  flags.choice("kernel", worker.kernel, kernel_choices(), parse_kernel, "multiply loop");
  flags.text("engine", settings.engine, "COMMAND",
             "a program and its arguments, as a shell reads them, that multiplies in this one's "
             "place, as stdio-worker does; started once, and again when it has ended");
  flags.duration("engine-limit", settings.engine_limit,
                 "how long the engine may take for a task; then it is killed, its task fails, and "
                 "it is started again; 0: as long as it takes");
  flags.duration("service-time", worker.service_time,
                 "minimum time for which it holds every task, waiting idle");
  flags.toggle("corrupt-on-sigusr1", settings.corrupts,
               "a fault for tests: from SIGUSR1 on, one element of every product is wrong");
  cli::declare_capabilities(flags, settings.asks_capabilities);
  flags.example("swarm-worker --coordinator http://127.0.0.1:8080 --dispatch push");
  flags.example(
      "swarm-worker --coordinator http://127.0.0.1:8080 --engine 'wasmtime stdio-worker.wasm'");
}

void check_range(const char* flag, std::chrono::milliseconds given,
                 std::chrono::milliseconds least) {
  if (given >= least && given <= kLongestWait) return;
  throw cli::UsageError(std::string(flag) + " is " + cli::format_duration(given) + ", expected " +
                        cli::format_duration(least) + " to " + cli::format_duration(kLongestWait));
}

/// The name of the program that the command begins with, for the coordinator's list of workers.
std::string program_of(const std::string& command) {
  const std::size_t begin = command.find_first_not_of(" \t");
  if (begin == std::string::npos) {
    throw cli::UsageError("--engine is \"" + command + "\", expected a program and its arguments");
  }
  const bool is_quoted = command[begin] == '\'' || command[begin] == '"';
  const std::size_t end =
      is_quoted ? command.find(command[begin], begin + 1) : command.find_first_of(" \t", begin);
  const std::string word =
      command.substr(begin + (is_quoted ? 1 : 0), end - begin - (is_quoted ? 1 : 0));
  const std::string name = word.substr(word.rfind('/') + 1);
  return wire::rest::is_worker_id(name) ? name : "engine";
}

void check(const cli::Flags& flags, Settings& settings) {
  WorkerOptions& worker = settings.worker;
  if (settings.coordinator.empty()) {
    throw cli::UsageError("--coordinator is missing, expected http://HOST:PORT");
  }
  if (!wire::rest::is_worker_id(worker.worker_id)) {
    throw cli::UsageError("--worker-id is \"" + worker.worker_id + "\", expected " +
                          wire::rest::kWorkerIdRule);
  }
  check_range("--interval", worker.interval, 1ms);
  check_range("--wait", worker.wait, 1ms);
  check_range("--service-time", worker.service_time, 0ms);
  check_range("--engine-limit", settings.engine_limit, 0ms);
  if (flags.given("engine-limit") && !flags.given("engine")) {
    throw cli::UsageError("--engine-limit is of an engine, but --engine is missing");
  }
  if (settings.corrupts) worker.lies = &cli::watch_sigusr1();
  if (flags.given("engine")) {
    if (flags.given("kernel")) {
      throw cli::UsageError("--kernel is of this program's own, but --engine has another multiply");
    }
    worker.engine = program_of(settings.engine);
  }
  if (!flags.given("codec")) worker.codec = default_codec(worker.dispatch);
  if (const std::string wrong = contradiction(worker); !wrong.empty()) {
    throw cli::UsageError("--" + wrong);
  }
}

http::Origin parse_coordinator(const std::string& url) try {
  return http::Origin::parse(url);
} catch (const std::invalid_argument& error) {
  throw cli::UsageError("--coordinator is " + std::string(error.what()));
}

void start_engine(ChildEngine& engine) {
  engine.start();
  const std::chrono::duration<double, std::milli> started_in = engine.started_in();
  std::ostringstream text;
  text << "swarm-worker: the engine was ready after " << started_in.count() << " ms\n";
  std::cerr << text.str();
}

/// Unless this program is about to end anyway, for which its engine may have been killed.
void give_up(const std::exception& error, const std::atomic<bool>& is_stopping) {
  if (is_stopping) return;
  std::cerr << std::string("swarm-worker: ") + error.what() + "\n";
  std::_Exit(1);  // the end of its connections gives a task back
}

int run(const Settings& settings) {
  net::keep_freed_memory();  // as Wasm memory is kept
  http::Identity identity{.authorities_file = settings.authorities_file};
  if (!settings.token_file.empty()) identity.token = http::read_access_token(settings.token_file);
  const http::Origin coordinator = parse_coordinator(settings.coordinator);
  auto engine = settings.engine.empty()
                    ? nullptr
                    : std::make_unique<ChildEngine>(settings.engine, settings.engine_limit);
  ChildEngine* const child = engine.get();
  const cli::Shutdown shutdown;
  const WorkerLoop* watched = nullptr;
  std::uint64_t told = 0;
  const auto tell_errors = [&] {
    const WorkerStatus& status = watched->status();
    if (status.errors == told) return;
    told = status.errors;
    std::cerr << "swarm-worker: " + status.last_error + "\n";
  };
  NativeHost host(coordinator, tell_errors, identity);
  WorkerOptions options = settings.worker;
  options.keeper = random_keeper();
  WorkerLoop loop(options, host, std::move(engine));
  watched = &loop;
  const Keeper keeper(coordinator, identity, options);
  std::atomic<bool> is_ready = false;
  std::atomic<bool> is_stopping = false;
  std::thread working([&] {
    try {
      if (child != nullptr) start_engine(*child);
      is_ready = true;
      loop.start();
      host.run();
    } catch (const EngineError& error) {
      give_up(error, is_stopping);
    } catch (const EngineGone& error) {
      give_up(error, is_stopping);
    }
  });
  shutdown.wait();
  if (!is_ready || !host.stop(kPatience)) {
    is_stopping = true;
    if (child != nullptr) child->kill();
    std::_Exit(0);  // nothing waits for a multiplication or a long poll
  }
  working.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  cli::Flags flags("swarm-worker",
                   "Multiplies matrices for a coordinator, as a browser's worker does.");
  declare(flags, settings);
  return cli::run_program(flags, argc, argv, [&] {
    if (settings.asks_capabilities) return cli::print_capabilities(capabilities());
    check(flags, settings);
    return run(settings);
  });
}
