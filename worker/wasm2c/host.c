/* What a program of WASI preview 1 that wasm2c has made C of runs on: stdin, stdout and stderr, a clock, and an end. It has no environment
 * and no folder, and with a call that is not here it does not link. PROGRAM_H, PROGRAM and its functions' names are those that wasm2c gives a module called `program`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "program.h"
#include "wasm-rt-impl.h"

/* Error codes of WASI. */
enum { WASI_SUCCESS = 0, WASI_BADF = 8, WASI_FAULT = 21, WASI_INVAL = 28, WASI_IO = 29, WASI_SPIPE = 70, WASI_NOTCAPABLE = 76 };

/* Clocks of WASI. */
enum { WASI_REALTIME = 0, WASI_MONOTONIC = 1 };

struct w2c_wasi__snapshot__preview1 {
  w2c_program program;
};

typedef struct w2c_wasi__snapshot__preview1 Wasi;

/* A piece of the program's memory, or NULL where it has none there. */
static void* memory_at(Wasi* wasi, u32 address, u64 size) {
  const wasm_rt_memory_t* const memory = w2c_program_memory(&wasi->program);
  if (address + size > memory->size) return NULL;
  return memory->data + address;
}

static u32 store(Wasi* wasi, u32 address, const void* value, size_t size) {
  void* const place = memory_at(wasi, address, size);
  if (place == NULL) return WASI_FAULT;
  memcpy(place, value, size);
  return WASI_SUCCESS;
}

/* The first piece of a list of them that is not empty: a program goes on where less was done than it asked for. */
static u32 first_piece(Wasi* wasi, u32 list, u32 pieces, void** data, u32* size) {
  *size = 0;
  for (u32 i = 0; i < pieces && *size == 0; ++i) {
    u32 piece[2];
    const void* const entry = memory_at(wasi, list + i * (u32)sizeof piece, sizeof piece);
    if (entry == NULL) return WASI_FAULT;
    memcpy(piece, entry, sizeof piece);
    *size = piece[1];
    *data = memory_at(wasi, piece[0], piece[1]);
    if (*data == NULL) return WASI_FAULT;
  }
  return WASI_SUCCESS;
}

u32 w2c_wasi__snapshot__preview1_fd_read(Wasi* wasi, u32 fd, u32 list, u32 pieces, u32 came_at) {
  if (fd != STDIN_FILENO) return WASI_BADF;
  void* data = NULL;
  u32 size = 0;
  const u32 error = first_piece(wasi, list, pieces, &data, &size);
  if (error != WASI_SUCCESS) return error;
  ssize_t came = 0;
  do {
    came = size == 0 ? 0 : read((int)fd, data, size);
  } while (came < 0 && errno == EINTR);
  if (came < 0) return WASI_IO;
  const u32 bytes = (u32)came;
  return store(wasi, came_at, &bytes, sizeof bytes);
}

u32 w2c_wasi__snapshot__preview1_fd_write(Wasi* wasi, u32 fd, u32 list, u32 pieces, u32 sent_at) {
  if (fd != STDOUT_FILENO && fd != STDERR_FILENO) return WASI_BADF;
  void* data = NULL;
  u32 size = 0;
  const u32 error = first_piece(wasi, list, pieces, &data, &size);
  if (error != WASI_SUCCESS) return error;
  ssize_t sent = 0;
  do {
    sent = size == 0 ? 0 : write((int)fd, data, size);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return WASI_IO;
  const u32 bytes = (u32)sent;
  return store(wasi, sent_at, &bytes, sizeof bytes);
}

u32 w2c_wasi__snapshot__preview1_fd_close(Wasi* wasi, u32 fd) {
  (void)wasi;
  return fd <= STDERR_FILENO ? WASI_SUCCESS : WASI_BADF;
}

u32 w2c_wasi__snapshot__preview1_fd_seek(Wasi* wasi, u32 fd, u64 offset, u32 whence, u32 at) {
  (void)wasi, (void)offset, (void)whence, (void)at;
  return fd <= STDERR_FILENO ? WASI_SPIPE : WASI_BADF;
}

u32 w2c_wasi__snapshot__preview1_clock_time_get(Wasi* wasi, u32 clock, u64 precision, u32 at) {
  (void)precision;
  if (clock != WASI_REALTIME && clock != WASI_MONOTONIC) return WASI_INVAL;
  struct timespec now;
  clock_gettime(clock == WASI_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  const u64 nanoseconds = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
  return store(wasi, at, &nanoseconds, sizeof nanoseconds);
}

/* What of its descriptors are files: as little as may be said. */
u32 w2c_wasi__snapshot__preview1_fd_fdstat_get(Wasi* wasi, u32 fd, u32 at) {
  const u8 nothing[24] = {0};
  return fd <= STDERR_FILENO ? store(wasi, at, nothing, sizeof nothing) : WASI_BADF;
}

u32 w2c_wasi__snapshot__preview1_fd_prestat_get(Wasi* wasi, u32 fd, u32 at) {
  (void)wasi, (void)fd, (void)at;
  return WASI_BADF;
}

u32 w2c_wasi__snapshot__preview1_fd_prestat_dir_name(Wasi* wasi, u32 fd, u32 path, u32 size) {
  (void)wasi, (void)fd, (void)path, (void)size;
  return WASI_BADF;
}

u32 w2c_wasi__snapshot__preview1_path_open(Wasi* wasi, u32 fd, u32 dirflags, u32 path, u32 size,
                                           u32 oflags, u64 rights, u64 inheriting, u32 fdflags,
                                           u32 at) {
  (void)wasi, (void)fd, (void)dirflags, (void)path, (void)size;
  (void)oflags, (void)rights, (void)inheriting, (void)fdflags, (void)at;
  return WASI_NOTCAPABLE;
}

u32 w2c_wasi__snapshot__preview1_environ_sizes_get(Wasi* wasi, u32 count_at, u32 bytes_at) {
  const u32 none = 0;
  const u32 error = store(wasi, count_at, &none, sizeof none);
  return error != WASI_SUCCESS ? error : store(wasi, bytes_at, &none, sizeof none);
}

u32 w2c_wasi__snapshot__preview1_environ_get(Wasi* wasi, u32 list, u32 bytes) {
  (void)wasi, (void)list, (void)bytes;
  return WASI_SUCCESS;
}

void w2c_wasi__snapshot__preview1_proc_exit(Wasi* wasi, u32 status) {
  (void)wasi;
  exit((int)status);
}

int main(void) {
  static Wasi wasi;
  wasm_rt_init();
  const wasm_rt_trap_t trap = wasm_rt_impl_try();
  if (trap != WASM_RT_TRAP_NONE) {
    fprintf(stderr, "it trapped: %s\n", wasm_rt_strerror(trap));
    return 134;
  }
  wasm2c_program_instantiate(&wasi.program, &wasi);
  w2c_program_0x5Fstart(&wasi.program);
  return 0;
}
