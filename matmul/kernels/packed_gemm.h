#pragma once

// The `simd` kernel: panels of A and B packed in the order in which a register-blocked micro-kernel
// reads them (Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS
// 34(3), 2008; loop names as in BLIS).
//
// Each translation unit that includes this file is compiled for one instruction set. That is why
// everything here has internal linkage and no standard header with functions is included: a
// function that the linker may merge with another unit's copy could carry instructions that the
// machine lacks into code that runs everywhere.

#include "matmul/kernels/micro_kernel.h"

namespace enxame::internal {
namespace {  // NOLINT(google-build-namespaces)

/// Copies `rows` rows of `depth` elements to where the micro-kernel knows their distance.
template <class C>
void pack_rows(Size rows, Size depth, const typename C::Element* a, Size stride,
               typename C::Element* to) {
  for (Size i = 0; i < rows; ++i) {
    __builtin_memcpy(to + i * C::kPackedStride, a + i * stride, depth * sizeof *a);
  }
}

/// Writes `depth` rows of the columns so that they are adjacent.
template <class C>
void pack_columns(const Columns& columns, Size depth, const typename C::Element* b, Size stride,
                  typename C::Element* to) {
  b += columns.begin;
  for (Size p = 0; p < depth; ++p) {
    for (Size v = 0; v + 1 < columns.vectors; ++v) {
      store<C>(to, load<C>(b + v * C::kLanes));
      to += C::kLanes;
    }
    store<C>(to, load<C>(b + columns.last));
    to += C::kLanes;
    b += stride;
  }
}

/// One multiplication's operands, contiguous and row-major.
template <typename T>
struct Operands {
  Size m;
  Size n;
  Size k;
  const T* a;
  const T* b;
  T* c;
};

/// For operands that fit the caches: no packing, tiles read A and B where they are.
template <class C>
void multiply_in_place(const Operands<typename C::Element>& x) {
  if constexpr (C::kLanes > 1) {
    if (x.n < C::kLanes) return multiply_in_place<typename C::Narrower>(x);
  }
  const Size vectors = divide_up(x.n, C::kLanes);
  const Split across(vectors, C::kVectors);
  const Split down(x.m, C::kRows);
  for (Size jr = 0; jr < across.parts; ++jr) {
    const Size first = across.begin(jr);
    const Columns columns = columns_of<C>(first, across.begin(jr + 1) - first, x.n);
    for (Size ir = 0; ir < down.parts; ++ir) {
      const Size i = down.begin(ir);
      run_tile<C, false>(down.begin(ir + 1) - i, columns.vectors, x.k,
                         {x.a + i * x.k, x.k, x.b + columns.begin, x.n, columns.last,
                          x.c + i * x.n + columns.begin, x.n, columns.last, false});
    }
  }
}

/// Where one block's panels are.
template <typename T>
struct Workspace {
  T* a;  ///< kBlockRows rows, kPackedStride apart
  T* b;  ///< tile after tile, each kDepth steps of its vectors
};

/// The part of B, and of the multiplication, that is packed at a time.
struct Block {
  Size first_vector;
  Size vectors;
  Size first_step;
  Size depth;
};

/// Calls `visit(columns, offset)` for the columns under each tile of the block, `offset` being
/// where their panel starts.
template <class C, typename Visit>
void for_each_panel(const Block& block, Size cols, const Visit& visit) {
  const Split across(block.vectors, C::kVectors);
  for (Size jr = 0; jr < across.parts; ++jr) {
    const Size first = across.begin(jr);
    visit(columns_of<C>(block.first_vector + first, across.begin(jr + 1) - first, cols),
          first * C::kLanes * block.depth);
  }
}

/// The two loops within a block of A, rows [begin, begin + rows), and one of B.
template <class C>
void multiply_block(const Operands<typename C::Element>& x, const Block& block, Size begin,
                    Size rows, const Workspace<typename C::Element>& packed) {
  const Split down(rows, C::kRows);
  for_each_panel<C>(block, x.n, [&](const Columns& columns, Size panel) {
    for (Size ir = 0; ir < down.parts; ++ir) {
      const Size i = down.begin(ir);
      run_tile<C, true>(
          down.begin(ir + 1) - i, columns.vectors, block.depth,
          {packed.a + i * C::kPackedStride, 0, packed.b + panel, 0, 0,
           x.c + (begin + i) * x.n + columns.begin, x.n, columns.last, block.first_step > 0});
    }
  });
}

/// The loop over blocks of A, under one block of B.
template <class C>
void multiply_rows(const Operands<typename C::Element>& x, const Block& block,
                   const Workspace<typename C::Element>& packed) {
  for_each_panel<C>(block, x.n, [&](const Columns& columns, Size panel) {
    pack_columns<C>(columns, block.depth, x.b + block.first_step * x.n, x.n, packed.b + panel);
  });
  const Split blocks(x.m, C::kMc);
  for (Size ic = 0; ic < blocks.parts; ++ic) {
    const Size begin = blocks.begin(ic);
    const Size rows = blocks.begin(ic + 1) - begin;
    pack_rows<C>(rows, block.depth, x.a + begin * x.k + block.first_step, x.k, packed.a);
    multiply_block<C>(x, block, begin, rows, packed);
  }
}

/// The loops over blocks of B. `workspace` holds workspace_elements() elements.
template <class C>
void multiply_packed(const Operands<typename C::Element>& x, typename C::Element* workspace) {
  const Workspace<typename C::Element> packed{workspace, workspace + C::kMc * C::kPackedStride};
  const Split across(divide_up(x.n, C::kLanes), C::kNc / C::kLanes);
  const Split along(x.k, C::kKc);
  for (Size jc = 0; jc < across.parts; ++jc) {
    for (Size pc = 0; pc < along.parts; ++pc) {
      multiply_rows<C>(x,
                       {across.begin(jc), across.begin(jc + 1) - across.begin(jc), along.begin(pc),
                        along.begin(pc + 1) - along.begin(pc)},
                       packed);
    }
  }
}

/// 0 where packing does not pay: A and B in half of the L2 cache, or too few rows to use a packed B
/// again.
template <class C>
Size workspace_elements(Size m, Size n, Size k) {
  using T = typename C::Element;
  if ((m + n) * k * sizeof(T) <= kInPlaceBytes || m < C::kMinPackedRows || n < C::kLanes) return 0;
  return C::kMc * C::kPackedStride + C::kKc * smaller(C::kNc, divide_up(n, C::kLanes) * C::kLanes);
}

template <class C>
void multiply_cut(Size m, Size n, Size k, const typename C::Element* a,
                  const typename C::Element* b, typename C::Element* c,
                  typename C::Element* workspace) {
  const Operands<typename C::Element> operands{m, n, k, a, b, c};
  if (workspace != nullptr) return multiply_packed<C>(operands, workspace);
  multiply_in_place<C>(operands);
}

/// The kernel cut as C says.
template <class C>
constexpr SimdGemm<typename C::Element> simd_gemm_of() {
  return {multiply_cut<C>, workspace_elements<C>};
}

}  // namespace
}  // namespace enxame::internal
