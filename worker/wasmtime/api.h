#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace enxame::wasmtime {

// What Wasmtime's C API hands out, by its own names: https://docs.wasmtime.dev/c-api/.
struct wasm_config_t;
struct wasm_engine_t;
struct wasm_trap_t;
struct wasi_config_t;
struct wasmtime_context_t;
struct wasmtime_error_t;
struct wasmtime_linker_t;
struct wasmtime_module_t;
struct wasmtime_store_t;

/// Bytes: bytes that the library has allocated.
struct Bytes {
  std::size_t size;
  char* data;
};

/// Function.
/// wasmtime_func_t.
struct Function {
  std::uint64_t store_id;
  void* private_part;
};

/// The functions of the C API that are needed to run a program of WASI preview 1, in a library that
/// is found at run time, so that nothing of Wasmtime is needed to build. Declared as in version 50.
class Api {
 public:
  /// Throws std::runtime_error when `library` is not one, or lacks one of them.
  explicit Api(const std::string& library);

  wasm_config_t* (*wasm_config_new)();
  void (*wasmtime_config_consume_fuel_set)(wasm_config_t*, bool);
  void (*wasmtime_config_epoch_interruption_set)(wasm_config_t*, bool);
  wasm_engine_t* (*wasm_engine_new_with_config)(wasm_config_t*);
  void (*wasmtime_engine_increment_epoch)(wasm_engine_t*);
  wasmtime_error_t* (*wasmtime_module_new)(wasm_engine_t*, const std::uint8_t*, std::size_t,
                                           wasmtime_module_t**);
  wasmtime_error_t* (*wasmtime_module_serialize)(const wasmtime_module_t*, Bytes*);
  wasmtime_error_t* (*wasmtime_module_deserialize_file)(wasm_engine_t*, const char* path,
                                                        wasmtime_module_t**);
  wasmtime_store_t* (*wasmtime_store_new)(wasm_engine_t*, void* data, void (*finalizer)(void*));
  wasmtime_context_t* (*wasmtime_store_context)(wasmtime_store_t*);
  /// Bytes of memory, then elements of tables, instances, tables, memories; -1: no limit.
  void (*wasmtime_store_limiter)(wasmtime_store_t*, std::int64_t, std::int64_t, std::int64_t,
                                 std::int64_t, std::int64_t);
  wasmtime_error_t* (*wasmtime_context_set_fuel)(wasmtime_context_t*, std::uint64_t);
  /// Epochs from now on.
  void (*wasmtime_context_set_epoch_deadline)(wasmtime_context_t*, std::uint64_t);
  wasi_config_t* (*wasi_config_new)();
  void (*wasi_config_inherit_stdin)(wasi_config_t*);
  void (*wasi_config_inherit_stdout)(wasi_config_t*);
  void (*wasi_config_inherit_stderr)(wasi_config_t*);
  bool (*wasi_config_preopen_dir)(wasi_config_t*, const char* host_path, const char* guest_path,
                                  bool is_mutable);
  wasmtime_error_t* (*wasmtime_context_set_wasi)(wasmtime_context_t*, wasi_config_t*);
  wasmtime_linker_t* (*wasmtime_linker_new)(wasm_engine_t*);
  wasmtime_error_t* (*wasmtime_linker_define_wasi)(wasmtime_linker_t*);
  wasmtime_error_t* (*wasmtime_linker_module)(wasmtime_linker_t*, wasmtime_context_t*,
                                              const char* name, std::size_t name_bytes,
                                              const wasmtime_module_t*);
  wasmtime_error_t* (*wasmtime_linker_get_default)(const wasmtime_linker_t*, wasmtime_context_t*,
                                                   const char* name, std::size_t name_bytes,
                                                   Function*);
  wasmtime_error_t* (*wasmtime_func_call)(wasmtime_context_t*, const Function*,
                                          const void* arguments, std::size_t, void* results,
                                          std::size_t, wasm_trap_t**);
  bool (*wasmtime_error_exit_status)(const wasmtime_error_t*, int*);
  void (*wasmtime_error_message)(const wasmtime_error_t*, Bytes*);
  void (*wasm_trap_message)(const wasm_trap_t*, Bytes*);
};

}  // namespace enxame::wasmtime
