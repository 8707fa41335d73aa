// wasmtime-run: runs a program of WASI preview 1 in Wasmtime, on this program's stdin, stdout and
// stderr and with nothing else; compiled when it starts, or ahead of time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cli/flags.h"
#include "cli/program.h"
#include "worker/wasmtime/api.h"

namespace enxame::wasmtime {
namespace {

/// The name in the program of the folder that it is granted.
constexpr const char* kGranted = "/granted";

/// How often a program looks whether its time is over.
constexpr std::chrono::milliseconds kEpoch{10};

struct Settings {
  std::string wasmtime;  // the file of its C API
  std::string module;
  std::string compiled;
  std::string compile_to;
  std::string granted;
  std::size_t max_memory_bytes = 0;
  std::optional<std::uint64_t> fuel;
  std::chrono::milliseconds time_limit{};
};

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
  if (!file || bytes.empty()) throw std::runtime_error("cannot read " + path);
  return bytes;
}

/// One program in one engine, which ends with this process: nothing is given back.
class Program {
 public:
  explicit Program(const Settings& settings)
      : api_(settings.wasmtime), engine_(make_engine(api_, settings)) {
    if (!settings.compiled.empty()) {
      check("cannot load " + settings.compiled,
            api_.wasmtime_module_deserialize_file(engine_, settings.compiled.c_str(), &module_));
      return;
    }
    const std::vector<std::uint8_t> bytes = read_file(settings.module);
    check("cannot compile " + settings.module,
          api_.wasmtime_module_new(engine_, bytes.data(), bytes.size(), &module_));
  }

  /// Writes the machine code that it was compiled to.
  void save(const std::string& path) const {
    Bytes code{};
    check("cannot save it", api_.wasmtime_module_serialize(module_, &code));
    std::ofstream file(path, std::ios::binary);
    file.write(code.data, static_cast<std::streamsize>(code.size));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
  }

  /// Returns its exit status.
  int run(const Settings& settings) const {
    wasmtime_store_t* const store = api_.wasmtime_store_new(engine_, nullptr, nullptr);
    if (settings.max_memory_bytes > 0) {
      const auto limit = static_cast<std::int64_t>(settings.max_memory_bytes);
      api_.wasmtime_store_limiter(store, limit, -1, -1, -1, -1);
    }
    wasmtime_context_t* const context = api_.wasmtime_store_context(store);
    if (settings.fuel) {
      check("cannot have fuel", api_.wasmtime_context_set_fuel(context, *settings.fuel));
    }
    if (settings.time_limit.count() > 0) {
      const auto epochs = (settings.time_limit + kEpoch - std::chrono::milliseconds(1)) / kEpoch;
      api_.wasmtime_context_set_epoch_deadline(context, static_cast<std::uint64_t>(epochs));
      std::thread(count_epochs, api_.wasmtime_engine_increment_epoch, engine_).detach();
    }
    wasi_config_t* const wasi = api_.wasi_config_new();
    api_.wasi_config_inherit_stdin(wasi);
    api_.wasi_config_inherit_stdout(wasi);
    api_.wasi_config_inherit_stderr(wasi);
    if (!settings.granted.empty() &&
        !api_.wasi_config_preopen_dir(wasi, settings.granted.c_str(), kGranted, true)) {
      throw std::runtime_error("cannot open the folder " + settings.granted);
    }
    check("cannot have WASI", api_.wasmtime_context_set_wasi(context, wasi));
    wasmtime_linker_t* const linker = api_.wasmtime_linker_new(engine_);
    check("cannot have WASI", api_.wasmtime_linker_define_wasi(linker));
    check("cannot link", api_.wasmtime_linker_module(linker, context, "", 0, module_));
    Function start{};
    check("cannot start", api_.wasmtime_linker_get_default(linker, context, "", 0, &start));
    wasm_trap_t* trap = nullptr;
    const wasmtime_error_t* const error =
        api_.wasmtime_func_call(context, &start, nullptr, 0, nullptr, 0, &trap);
    int status = 0;
    if (error != nullptr && api_.wasmtime_error_exit_status(error, &status)) return status;
    check("it ended", error);
    if (trap != nullptr) throw std::runtime_error("it trapped: " + text_of(trap));
    return 0;
  }

 private:
  static wasm_engine_t* make_engine(const Api& api, const Settings& settings) {
    wasm_config_t* const config = api.wasm_config_new();
    api.wasmtime_config_consume_fuel_set(config, settings.fuel.has_value());
    api.wasmtime_config_epoch_interruption_set(config, settings.time_limit.count() > 0);
    return api.wasm_engine_new_with_config(config);
  }

  /// As long as this process runs.
  static void count_epochs(void (*increment)(wasm_engine_t*), wasm_engine_t* engine) {
    for (;;) {
      std::this_thread::sleep_for(kEpoch);
      increment(engine);
    }
  }

  void check(const std::string& what, const wasmtime_error_t* error) const {
    if (error != nullptr) throw std::runtime_error(what + ": " + text_of(error));
  }

  std::string text_of(const wasmtime_error_t* error) const {
    Bytes text{};
    api_.wasmtime_error_message(error, &text);
    return {text.data, text.size};
  }

  std::string text_of(const wasm_trap_t* trap) const {
    Bytes text{};
    api_.wasm_trap_message(trap, &text);
    return text.data;  // which a zero ends
  }

  const Api api_;
  wasm_engine_t* const engine_;
  wasmtime_module_t* module_ = nullptr;
};

}  // namespace
}  // namespace enxame::wasmtime

int main(int argc, char** argv) {
  using namespace enxame;
  wasmtime::Settings settings;
  cli::Flags flags("wasmtime-run",
                   "Runs a program of WASI preview 1 in Wasmtime, which may read stdin and write "
                   "stdout and stderr, and do nothing else, but for what is granted.");
  flags.text("library", settings.wasmtime, "FILE", "Wasmtime's C API: libwasmtime.so; required");
  flags.text("module", settings.module, "FILE", "the program, which is compiled first");
  flags.text("compiled", settings.compiled, "FILE", "the program, as --compile-to has written it");
  flags.text("compile-to", settings.compile_to, "FILE",
             "where the module's machine code goes; then it does not run");
  flags.text("grant", settings.granted, "FOLDER",
             "a folder that the program may read and write, as /granted");
  flags.bytes("max-memory", settings.max_memory_bytes,
              "what its memory may grow to; 0: as far as it can");
  flags.integer("fuel", settings.fuel, std::uint64_t{1},
                std::uint64_t{std::numeric_limits<std::int64_t>::max()},
                "how many instructions it may execute, about; then it traps; default: any number");
  flags.duration("time-limit", settings.time_limit,
                 "how long it may run, to the next 10 ms; then it traps; 0: as long as it takes");
  flags.example("wasmtime-run --library build/engines/libwasmtime.so --module stdio-worker.wasm");
  return cli::run_program(flags, argc, argv, [&] {
    if (settings.wasmtime.empty()) throw cli::UsageError("--library is missing");
    if (settings.module.empty() == settings.compiled.empty()) {
      throw cli::UsageError("expected one of --module and --compiled");
    }
    const wasmtime::Program program(settings);
    if (settings.compile_to.empty()) return program.run(settings);
    program.save(settings.compile_to);
    return 0;
  });
}
