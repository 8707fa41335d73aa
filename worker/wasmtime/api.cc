#include "worker/wasmtime/api.h"

#include <dlfcn.h>

#include <stdexcept>

namespace enxame::wasmtime {

namespace {

class Library {
 public:
  /// It stays open: what its functions have made may be used until the end.
  explicit Library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
  }

  template <typename F>
  void find(const char* name, F*& function) const {
    function = reinterpret_cast<F*>(dlsym(handle_, name));
    if (function == nullptr) throw std::runtime_error(dlerror());
  }

 private:
  void* handle_;
};

}  // namespace

Api::Api(const std::string& library) {
  const Library found(library);
#define ENXAME_FIND(function) found.find(#function, function)
  ENXAME_FIND(wasm_config_new);
  ENXAME_FIND(wasmtime_config_consume_fuel_set);
  ENXAME_FIND(wasmtime_config_epoch_interruption_set);
  ENXAME_FIND(wasm_engine_new_with_config);
  ENXAME_FIND(wasmtime_engine_increment_epoch);
  ENXAME_FIND(wasmtime_module_new);
  ENXAME_FIND(wasmtime_module_serialize);
  ENXAME_FIND(wasmtime_module_deserialize_file);
  ENXAME_FIND(wasmtime_store_new);
  ENXAME_FIND(wasmtime_store_context);
  ENXAME_FIND(wasmtime_store_limiter);
  ENXAME_FIND(wasmtime_context_set_fuel);
  ENXAME_FIND(wasmtime_context_set_epoch_deadline);
  ENXAME_FIND(wasi_config_new);
  ENXAME_FIND(wasi_config_inherit_stdin);
  ENXAME_FIND(wasi_config_inherit_stdout);
  ENXAME_FIND(wasi_config_inherit_stderr);
  ENXAME_FIND(wasi_config_preopen_dir);
  ENXAME_FIND(wasmtime_context_set_wasi);
  ENXAME_FIND(wasmtime_linker_new);
  ENXAME_FIND(wasmtime_linker_define_wasi);
  ENXAME_FIND(wasmtime_linker_module);
  ENXAME_FIND(wasmtime_linker_get_default);
  ENXAME_FIND(wasmtime_func_call);
  ENXAME_FIND(wasmtime_error_exit_status);
  ENXAME_FIND(wasmtime_error_message);
  ENXAME_FIND(wasm_trap_message);
#undef ENXAME_FIND
}

}  // namespace enxame::wasmtime
