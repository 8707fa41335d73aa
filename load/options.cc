#include "load/options.h"

#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "load/clients/clients.h"

namespace enxame::load {
namespace {

/// The flags that only some clients read. --split none goes with all of them.
constexpr std::array<std::string_view, 10> kFlagsOfClients{
    "kernel",      "rpc-workers", "coordinator", "codec",   "collection",
    "connections", "server",      "token-file",  "ca-file", "repeat"};

constexpr std::array kCodecs{Codec::json, Codec::binary};

/// Refuses the first of `names` that was given.
template <std::size_t N>
void refuse(const cli::Flags& flags, const std::array<std::string_view, N>& names,
            const std::string& because) {
  for (const std::string_view name : names) {
    if (flags.given(name)) throw cli::UsageError("--" + std::string(name) + " " + because);
  }
}

/// "rest, ws: " and what the flag that these clients read is for.
std::string help_of(std::string_view flag, std::string_view purpose) {
  std::string help;
  for (const Client* client : clients()) {
    if (client->reads(flag)) help.append(help.empty() ? "" : ", ").append(to_string(client));
  }
  return help.append(": ").append(purpose);
}

void declare_system(cli::Flags& flags, SystemOptions& system) {
  flags.choice("transport", system.client, clients(), "how work reaches the workers");
  flags.integer("workers", system.workers, std::size_t{1}, std::size_t{1024},
                "workers of the system; the warm-up waits for products of each");
  flags.choice("kernel", system.kernel, kernel_choices(), parse_kernel,
               help_of("kernel", "the multiply loop"));
  flags.list("rpc-workers", system.rpc_workers, rpc::parse_worker_address, "HOST:PORT",
             help_of("rpc-workers", "where the workers listen"));
  flags.text("coordinator", system.coordinator, "URL",
             help_of("coordinator", "the coordinator of the workers"));
  flags.text("server", system.server, "URL", help_of("server", "the HTTP front of the system"));
  flags.text("token-file", system.token_file, "FILE",
             help_of("token-file", "the token to show, alone in a file"));
  flags.text("ca-file", system.authorities_file, "FILE",
             help_of("ca-file",
                     "PEM file of the authorities to believe of an https:// server; default: the "
                     "system's"));
  flags.choice("codec", system.codec, kCodecs, help_of("codec", "how matrices travel"));
  flags.choice(
      "collection", system.collection,
      std::array{coordinator::Collection::long_poll, coordinator::Collection::poll},
      help_of("collection",
              "how the client learns that its product is ready; poll: it asks every 0.5 s"));
  flags.choice("connections", system.connections,
               std::array{http::Connections::kept, http::Connections::per_request},
               help_of("connections", "whether a connection serves one request or many"));
  flags.toggle("repeat", system.repeats,
               help_of("repeat",
                       "asks again until the request times out where there was no answer, or 503: "
                       "a coordinator with a journal may be back"));
  flags.choice("split", system.split, std::array{SplitKind::none, SplitKind::rows, SplitKind::grid},
               help_of("split",
                       "how each multiplication is split into a tile per worker; of http it says "
                       "what the front was started with"));
}

void declare_load(cli::Flags& flags, Options& options) {
  flags.integer("n", options.n, std::size_t{1}, std::size_t{16384}, "order of the matrices");
  flags.choice("values", options.values, std::array{Values::real, Values::integer},
               "what the matrices hold: numbers of [-1, 1), or whole ones from 0 to 9");
  flags.integer("in-flight", options.in_flight, std::size_t{0}, std::size_t{4096},
                "closed loop: requests kept in flight; 0: one per worker");
  flags.number("jitter", options.jitter_s, 0, 3600,
               "closed loop: a client waits before each submit for up to so many seconds, drawn "
               "uniformly, so that it does not fall into step with what polls");
  flags.number("rate", options.rate_per_s, 0, 1e6,
               "open loop: arrivals per second, at least 0.001; 0: closed loop");
  flags.choice("arrivals", options.arrivals,
               std::array{ArrivalProcess::poisson, ArrivalProcess::uniform},
               "open loop: how arrivals are spread");
  flags.text("rate-schedule", options.rate_schedule, "SCHEDULE",
             "open loop: how the rate changes within the measured time, in multiples of --rate: "
             "ramp:FROM:TO, step:A,B,… (each for as long), burst:BASE:PEAK:EVERY:FOR (PEAK in the "
             "last FOR seconds of every EVERY)");
  flags.integer(
      "max-in-flight", options.max_in_flight, std::size_t{1}, std::size_t{4096},
      "open loop: maximum number of requests in flight; further arrivals wait, which counts");
  flags.number("duration", options.duration_s, 0.001, 86400, "measured seconds");
  flags.integer(
      "max-samples", options.max_samples, std::uint64_t{0}, std::uint64_t{1'000'000'000},
      "ends the measurement after this many requests, if that is sooner (open loop: after the "
      "time in which as many arrive), and keeps a tenth as many rows of the warm-up, where that is "
      "less than 1,000; 0: no limit");
  flags.integer("max-errors", options.max_errors, std::uint64_t{0}, std::uint64_t{1'000'000'000},
                "gives up after this many failed requests; 0: never");
  flags.number("warm-up", options.warm_up_s, 0, 3600,
               "seconds of load before the measurement may begin, however steady the workers are");
  flags.number("warm-up-limit", options.warm_up_limit_s, 0, 3600,
               "seconds after which the measurement begins even if the workers are not steady");
  flags.integer("warm-up-span", options.warm_up_span, std::size_t{1}, std::size_t{1000},
                "a worker is steady when this many of its tasks took no less than as many before");
  flags.number("drain-limit", options.drain_limit_s, 0, 3600,
               "open loop: seconds after the measurement in which its requests must end");
  flags.integer("seed", options.seed, std::uint64_t{0}, std::uint64_t{1} << 32,
                "seed of the random matrices and of the arrivals");
  flags.text("samples", options.samples, "FILE", "where the raw samples go, as CSV; required");
  flags.toggle("overhead", options.overhead,
               "measures the overhead of the load generator instead of a system");
}

/// Of a rate that changes it is not known beforehand when so many requests will have arrived.
void check_schedule(const Options& options) {
  const RateSchedule schedule = [&] {
    try {
      return RateSchedule::parse(options.rate_schedule);
    } catch (const std::invalid_argument& error) {
      throw cli::UsageError(std::string("--rate-schedule: ") + error.what());
    }
  }();
  if (!schedule.varies() || options.max_samples == 0) return;
  throw cli::UsageError("--max-samples " + std::to_string(options.max_samples) +
                        " does not go with --rate-schedule: the measured time is that in which "
                        "the rate changes");
}

/// Refuses what the client has no use for: it would measure something else than was asked for.
void check_system(const SystemOptions& system, const cli::Flags& flags) {
  const Client& client = *system.client;
  const std::string reason = "has no effect with --transport " + std::string(to_string(&client));
  for (const std::string_view name : kFlagsOfClients) {
    if (!client.reads(name)) refuse(flags, std::array{name}, reason);
  }
  if (system.split != SplitKind::none && !client.reads("split")) {
    throw cli::UsageError("--split " + std::string(to_string(system.split)) + " " + reason);
  }
}

}  // namespace

cli::Flags declare(Options& options) {
  cli::Flags flags("load-generator",
                   "Puts one system under load, closed (requests kept in flight) or open (arrivals "
                   "at a rate), checks every product and writes one row per sample.");
  declare_system(flags, options.system);
  declare_load(flags, options);
  cli::declare_capabilities(flags, options.asks_capabilities);
  flags.example("load-generator --transport inproc --workers 2 --n 256 --samples samples.csv");
  flags.example(
      "load-generator --transport tcp --workers 2 --rpc-workers 127.0.0.1:7001,127.0.0.1:7002 "
      "--rate 200 --samples samples.csv");
  flags.example(
      "load-generator --transport rest --workers 4 --coordinator http://127.0.0.1:8080 --codec "
      "binary --samples samples.csv");
  flags.example(
      "load-generator --transport http --server http://127.0.0.1:8080 --samples samples.csv");
  flags.example("load-generator --overhead --n 256");
  return flags;
}

cli::Capabilities capabilities() {
  return {.kernels = cli::names_of(available_kernels()),
          .codecs = cli::names_of(kCodecs),
          .transports = cli::names_of(clients())};
}

void check(const Options& options, const cli::Flags& flags) {
  if (options.overhead) {
    refuse(flags,
           std::array<std::string_view, 28>{
               "transport",    "workers",     "kernel",      "rpc-workers",   "coordinator",
               "codec",        "collection",  "connections", "server",        "token-file",
               "ca-file",      "repeat",      "split",       "values",        "in-flight",
               "jitter",       "rate",        "arrivals",    "rate-schedule", "max-in-flight",
               "duration",     "max-samples", "max-errors",  "warm-up",       "warm-up-limit",
               "warm-up-span", "drain-limit", "samples"},
           "does not go with --overhead, which needs only --n and --seed");
    return;
  }
  if (options.samples.empty()) throw cli::UsageError("--samples FILE is required");
  check_system(options.system, flags);
  if (!options.open()) {
    refuse(flags,
           std::array<std::string_view, 4>{"arrivals", "rate-schedule", "max-in-flight",
                                           "drain-limit"},
           "applies only to an open loop, which needs --rate");
    return;
  }
  if (options.rate_per_s < kLowestRatePerS) {
    std::ostringstream rate;
    rate << options.rate_per_s;
    throw cli::UsageError("--rate " + rate.str() +
                          ": expected at least 0.001 arrivals per second, or 0 for a closed loop");
  }
  refuse(flags, std::array<std::string_view, 1>{"jitter"},
         "applies only to a closed loop: with --rate requests arrive by themselves");
  if (flags.given("in-flight")) {
    throw cli::UsageError("--in-flight " + std::to_string(options.in_flight) +
                          " does not go with --rate: either requests are kept in flight or they "
                          "arrive");
  }
  check_schedule(options);
}

}  // namespace enxame::load
