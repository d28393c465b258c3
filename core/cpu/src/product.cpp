// What ggml's matrix product asks first, in place of llamafile_sgemm, which is asked next.

#include "ggml-cpu-impl.h"
#include "sgemm.h"

// The argument of `product` in product/mod.rs.
struct cloister_call {
    size_t thread, threads;
    size_t rows, columns, blocks;
    const void * a;
    size_t a_stride;
    const void * b;
    size_t b_stride;
    void * c;
    size_t c_stride;
    uint32_t a_type, b_type, c_type;
};

extern "C" {

// Set before the backend is first used.
bool (*cloister_product)(const cloister_call *) = nullptr;

bool ggml_llamafile_sgemm(const ggml_compute_params *, int64_t, int64_t, int64_t, const void *, int64_t, const void *, int64_t,
                          void *, int64_t, int, int, int);

bool llamafile_sgemm(const ggml_compute_params * params, int64_t m, int64_t n, int64_t k, const void * A, int64_t lda,
                     const void * B, int64_t ldb, void * C, int64_t ldc, int Atype, int Btype, int Ctype) {
    const cloister_call call = {
        size_t(params->ith), size_t(params->nth), size_t(m), size_t(n), size_t(k), A, size_t(lda), B, size_t(ldb), C, size_t(ldc),
        uint32_t(Atype), uint32_t(Btype), uint32_t(Ctype),
    };
    if (cloister_product != nullptr && cloister_product(&call)) {
        return true;
    }
    return ggml_llamafile_sgemm(params, m, n, k, A, lda, B, ldb, C, ldc, Atype, Btype, Ctype);
}

}
