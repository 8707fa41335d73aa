#pragma once

// A register-blocked tile of C: how a kernel is cut for an instruction set, and the loop over one
// tile. packed_gemm.h says what must hold for everything that is included here.

#include "matmul/kernels/simd_variant.h"

namespace enxame::internal {
namespace {  // NOLINT(google-build-namespaces)

using Size = std::size_t;
using Offset = std::ptrdiff_t;

#if defined(__clang__)
#define ENXAME_UNROLL _Pragma("clang loop unroll(full)")
#else
#define ENXAME_UNROLL _Pragma("GCC unroll 32")
#endif

/// `kBytes` of T: a vector, or a single T when there is room for one only.
template <typename T, int kBytes>
struct Vector {
  static constexpr int kLanes = kBytes / static_cast<int>(sizeof(T));
  typedef T Type __attribute__((vector_size(kBytes)));
};
template <>
struct Vector<double, sizeof(double)> {
  static constexpr int kLanes = 1;
  using Type = double;
};
template <>
struct Vector<float, sizeof(float)> {
  static constexpr int kLanes = 1;
  using Type = float;
};

/// How the kernel is cut for one instruction set and element type.
/// @tparam T             double or float
/// @tparam kVectorBytes  width of a register
/// @tparam kTileRows     rows of C that the micro-kernel keeps in registers (MR)
/// @tparam kTileVectors  vectors per row that it keeps (NR = kTileVectors × lanes)
/// @tparam kDepth        steps along k between two visits of a tile of C (KC)
/// @tparam kBlockRows    rows of A packed at a time (MC): with kDepth, most of the L2 cache
/// @tparam kBlockCols    columns of B packed at a time (NC)
template <typename T, int kVectorBytes, int kTileRows, int kTileVectors, Size kDepth,
          Size kBlockRows, Size kBlockCols>
struct Cut {
  using Element = T;
  using Register = Vector<T, kVectorBytes>;
  using Vec = typename Register::Type;
  static constexpr int kLanes = Register::kLanes;
  static constexpr int kRows = kTileRows;
  static constexpr int kVectors = kTileVectors;
  static constexpr Size kKc = kDepth;
  static constexpr Size kMc = kBlockRows;
  static constexpr Size kNc = kBlockCols;
  static constexpr Size kPackedStride = kDepth + 64 / sizeof(T);
  static constexpr int kVectorsPerLine = kVectorBytes < 64 ? 64 / kVectorBytes : 1;
  /// Packing pays from this many rows on. It also bounds how thin a tile of an even Split can be.
  static constexpr Size kMinPackedRows = 4 * kTileRows;
  static constexpr int kMinPackedTileRows = 4 * kTileRows / 5;
  static_assert(kBlockRows >= 2 * kMinPackedRows, "so that half a block is enough rows");

  // Where C is added to, no element may lie in two tiles: the last tile's last vector may overlap
  // one of the same tile only. An even Split gives the last tile two vectors where there are two.
  static_assert(kTileVectors >= 2, "so that an overlap stays within its tile");

  /// For matrices narrower than a vector: half its width, and single elements below 16 bytes. The
  /// tile is small because there is little to gain and much to compile.
  using Narrower = Cut<T, (kVectorBytes > 16 ? kVectorBytes / 2 : static_cast<int>(sizeof(T))), 4,
                       2, kDepth, kBlockRows, kBlockCols>;
};

/// Up to this size of A and B together packing costs more than it gains: natively half of a common
/// L2 cache; in Wasm less, whose loads know no offsets but constant ones.
#if defined(__wasm__)
constexpr Size kInPlaceBytes = Size{8} << 10;
#else
constexpr Size kInPlaceBytes = Size{512} << 10;
#endif

inline Size smaller(Size x, Size y) { return x < y ? x : y; }
inline Size divide_up(Size x, Size y) { return (x + y - 1) / y; }

/// [0, total) in the fewest parts of at most `limit`, equal but for one: no part is a sliver.
struct Split {
  Size total;
  Size parts;
  Split(Size size, Size limit) : total(size), parts(divide_up(size, limit)) {}
  /// In 64 bits: the product need not fit into Wasm's 32.
  Size begin(Size part) const {
    return static_cast<Size>(static_cast<unsigned long long>(part) * total / parts);
  }
};

/// Columns of B and C under one tile: `vectors` vectors from column `begin` on, the last one `last`
/// columns behind `begin`. At the right edge the last vector overlaps its left neighbour, so that
/// it ends where the matrix does.
struct Columns {
  Size begin;
  Size vectors;
  Offset last;
};

/// `vectors` vectors from vector `first` on, in a matrix of `cols` columns, at least a vector.
template <class C>
Columns columns_of(Size first, Size vectors, Size cols) {
  const Size begin = first * C::kLanes;
  const Size last = smaller((first + vectors - 1) * C::kLanes, cols - C::kLanes);
  return {begin, vectors, static_cast<Offset>(last) - static_cast<Offset>(begin)};
}

template <class C>
typename C::Vec load(const typename C::Element* from) {
  typename C::Vec v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class C>
void store(typename C::Element* to, typename C::Vec v) {
  __builtin_memcpy(to, &v, sizeof v);
}

/// sum + factor·v in vectors of type V: fused where the instruction set has it. The compiler sees
/// to that everywhere but in Wasm, whose fused operation rounds once or twice as the machine likes
/// and has to be asked for.
template <class V, typename T>
typename V::Type multiply_add(T factor, typename V::Type v, typename V::Type sum) {
#if defined(__wasm_relaxed_simd__)
  if constexpr (V::kLanes == 2) {
    return __builtin_wasm_relaxed_madd_f64x2(typename V::Type{factor, factor}, v, sum);
  } else if constexpr (V::kLanes == 4) {
    return __builtin_wasm_relaxed_madd_f32x4(typename V::Type{factor, factor, factor, factor}, v,
                                             sum);
  } else {
    return sum + factor * v;
  }
#else
  return sum + factor * v;
#endif
}

/// Asks for the memory at `to`, which is about to be written, to come near.
template <typename T>
void bring_near(const T* to) {
#if defined(__wasm__)
  static_cast<void>(*static_cast<const volatile T*>(to));  // Wasm has loads, but no prefetches
#else
  __builtin_prefetch(to, 1);
#endif
}

/// No load moves behind this point. An engine that fuses neighbouring stores finds them only where
/// no load lies between.
inline void end_loads() {
#if defined(__wasm__)
  asm volatile("" : : : "memory");
#endif
}

/// What the micro-kernel reads and writes.
template <typename T>
struct TileOperands {
  const T* a;     ///< row i starts at a + i·a_stride
  Size a_stride;  ///< ignored when packed, as are the other two of A and B: it is known then
  const T* b;     ///< step p's vectors start at b + p·b_stride
  Size b_stride;
  Offset b_last;  ///< where a step's last vector starts
  T* c;
  Size c_stride;
  Offset c_last;    ///< where a row's last vector starts
  bool accumulate;  ///< C += A·B rather than C = A·B
};

/// The accumulators of one tile.
template <class C, int kRows, int kVectors>
struct Sums {
  typename C::Vec of[kRows][kVectors] = {};
};

/// One rank-one update: column `a` of A, whose elements are `a_stride` apart, and the vectors of a
/// row of B.
template <class C, int kRows, int kVectors>
[[gnu::always_inline]] inline void add_step(const typename C::Element* a, Size a_stride,
                                            const typename C::Element* b, Offset b_last,
                                            Sums<C, kRows, kVectors>& sums) {
  constexpr int kLast = kVectors - 1;
  typename C::Vec row[kVectors];
  ENXAME_UNROLL
  for (int v = 0; v < kLast; ++v) row[v] = load<C>(b + v * C::kLanes);
  row[kLast] = load<C>(b + b_last);
  ENXAME_UNROLL
  for (int i = 0; i < kRows; ++i) {
    const typename C::Element factor = a[static_cast<Size>(i) * a_stride];
    ENXAME_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      sums.of[i][v] = multiply_add<typename C::Register>(factor, row[v], sums.of[i][v]);
    }
  }
}

/// Writes the accumulators to C, or adds them to it. `c_last` is where a row's last vector starts.
template <class C, int kRows, int kVectors, bool kAccumulate>
[[gnu::always_inline]] inline void write_sums(Sums<C, kRows, kVectors>& sums,
                                              typename C::Element* c, Size c_stride,
                                              Offset c_last) {
  constexpr int kLast = kVectors - 1;
  ENXAME_UNROLL
  for (int i = 0; i < kRows; ++i) {
    typename C::Element* to[kVectors];
    ENXAME_UNROLL
    for (int v = 0; v < kLast; ++v) to[v] = c + v * C::kLanes;
    to[kLast] = c + c_last;
    if constexpr (kAccumulate) {
      // All old values are read before any is written: the last two vectors may overlap.
      ENXAME_UNROLL
      for (int v = 0; v < kVectors; ++v) sums.of[i][v] += load<C>(to[v]);
      end_loads();
    }
    ENXAME_UNROLL
    for (int v = 0; v < kVectors; ++v) store<C>(to[v], sums.of[i][v]);
    c += c_stride;
  }
}

/// One tile: kRows × kVectors accumulators that never leave the registers while `k` rank-one
/// updates go by.
template <class C, int kRows, int kVectors, bool kPacked>
[[gnu::noinline]] void micro_kernel(Size k, const TileOperands<typename C::Element>& tile) {
  constexpr Offset kAdjacent = (kVectors - 1) * C::kLanes;
  const typename C::Element* a = tile.a;
  const typename C::Element* b = tile.b;
  const Size a_stride = kPacked ? C::kPackedStride : tile.a_stride;
  const Size b_stride = kPacked ? kVectors * C::kLanes : tile.b_stride;
  const Offset b_last = kPacked ? kAdjacent : tile.b_last;

  if constexpr (kPacked) {
    // The tile of C is far by now; while the steps go by it comes near.
    ENXAME_UNROLL
    for (int i = 0; i < kRows; ++i) {
      ENXAME_UNROLL
      for (int v = 0; v < kVectors; v += C::kVectorsPerLine) {
        bring_near(tile.c + static_cast<Size>(i) * tile.c_stride + v * C::kLanes);
      }
    }
  }

  Sums<C, kRows, kVectors> sums;
  // Not unrolled: LLVM's backend for Wasm would sort the operations of several steps by the sums
  // that they go to, whose operands then live all at once and spill.
  for (const typename C::Element* const end = a + k; a != end; ++a) {
    add_step<C>(a, a_stride, b, b_last, sums);
    b += b_stride;
  }

  // Vectors that are known to be neighbours are what an engine can fuse.
  const Offset c_last = tile.c_last;
  if (c_last == kAdjacent) {
    if (tile.accumulate)
      return write_sums<C, kRows, kVectors, true>(sums, tile.c, tile.c_stride, kAdjacent);
    return write_sums<C, kRows, kVectors, false>(sums, tile.c, tile.c_stride, kAdjacent);
  }
  if (tile.accumulate)
    return write_sums<C, kRows, kVectors, true>(sums, tile.c, tile.c_stride, c_last);
  write_sums<C, kRows, kVectors, false>(sums, tile.c, tile.c_stride, c_last);
}

/// The micro-kernel of `rows` × `vectors`, each at most the template argument.
template <class C, bool kPacked, int kRows = C::kRows, int kVectors = C::kVectors>
void run_tile(Size rows, Size vectors, Size k, const TileOperands<typename C::Element>& tile) {
  constexpr int kMinRows = kPacked ? C::kMinPackedTileRows : 1;
  if constexpr (kVectors > 1) {
    if (vectors < kVectors)
      return run_tile<C, kPacked, kRows, kVectors - 1>(rows, vectors, k, tile);
  }
  if constexpr (kRows > kMinRows) {
    if (rows < kRows) return run_tile<C, kPacked, kRows - 1, kVectors>(rows, vectors, k, tile);
  }
  micro_kernel<C, kRows, kVectors, kPacked>(k, tile);
}

}  // namespace
}  // namespace enxame::internal
