# The toolchain of the `wasi` preset: Debian's Clang with its C and C++ libraries for WASI preview 1 (setup/debian/wasi.txt).
set(ENXAME_WASI TRUE)
set(CMAKE_SYSTEM_NAME Generic)  # this CMake knows no system called WASI
set(CMAKE_SYSTEM_PROCESSOR wasm32)

set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_AR /usr/bin/llvm-ar-19)
set(CMAKE_RANLIB /usr/bin/llvm-ranlib-19)

# What is found belongs to the machine that builds.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
