# The kernels, as sources of the library `matmul`. Included by matmul/CMakeLists.txt.

target_sources(matmul PRIVATE
  kernel.cc
  kernels/origin.cc
  kernels/naive.cc
  kernels/blocked.cc
  kernels/simd.cc
  kernels/simd_128.cc)

# enxame_simd_sources(INSTRUCTION_SET SOURCES...): compiles the sources for the `simd` kernel of that instruction set: "128" (what
# every machine of the architecture has), "relaxed" (Wasm), "vex-128", "avx2" or "avx512". Nothing is tuned to the machine that builds, so that programs
# and cached objects can move.
function(enxame_simd_sources instruction_set)
  set(flags $<$<NOT:$<CONFIG:Debug>>:-O3> -ffp-contract=fast)
  if(ENXAME_WASM)
    list(APPEND flags -msimd128 $<$<STREQUAL:${instruction_set},relaxed>:-mrelaxed-simd>)
  elseif(instruction_set STREQUAL "vex-128")
    list(APPEND flags -mavx -mprefer-vector-width=128)
  elseif(instruction_set STREQUAL "avx2")
    list(APPEND flags -mavx2 -mfma)
  elseif(instruction_set STREQUAL "avx512")
    list(APPEND flags -mavx2 -mfma -mavx512f)
  endif()
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS ${flags})
endfunction()

enxame_simd_sources(128 kernels/simd_128.cc)
if(EMSCRIPTEN)
  # The kernels `relaxed` and `relaxed-wide`: a program that links this beside `matmul` has them, and runs only where there is
  # relaxed SIMD. The definition of relaxed_variants() in here takes the place of the weak one in simd.cc.
  add_library(matmul_relaxed OBJECT kernels/simd_relaxed.cc)
  target_link_libraries(matmul_relaxed PRIVATE enxame_options)
  enxame_simd_sources(relaxed kernels/simd_relaxed.cc)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT ENXAME_WASM)
  target_sources(matmul PRIVATE kernels/simd_vex_128.cc kernels/simd_avx2.cc kernels/simd_avx512.cc)
  enxame_simd_sources(vex-128 kernels/simd_vex_128.cc)
  enxame_simd_sources(avx2 kernels/simd_avx2.cc)
  enxame_simd_sources(avx512 kernels/simd_avx512.cc)
endif()

if(NOT ENXAME_WASM)
  find_package(PkgConfig)
  if(PkgConfig_FOUND)
    pkg_check_modules(OPENBLAS openblas)
  endif()
  if(OPENBLAS_FOUND)
    target_sources(matmul PRIVATE kernels/blas.cc)
    target_compile_definitions(matmul PUBLIC ENXAME_HAVE_BLAS)
    # Its declarations: the library is loaded when its kernel is asked for.
    target_include_directories(matmul SYSTEM PRIVATE ${OPENBLAS_INCLUDE_DIRS})
    target_link_libraries(matmul PRIVATE ${CMAKE_DL_LIBS})
  else()
    message(STATUS "OpenBLAS not found through pkg-config: building without the kernel `blas`")
  endif()
endif()
