using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Numbers that a sum takes at a time.</summary>
    private const int Vector = 16;

    /// <summary>Rows of A, or columns of B, up to which a product is dot products: to pack the other matrix would cost as much as to use it.</summary>
    internal const int FewVectors = 4;

    /// <summary>Multiplications that a thread does at a time at least.</summary>
    private const int DotGrain = 1 << 16;

    /// <summary>Few rows of A with the columns of B, or few columns of B with the rows of A, where what is many lies along K in memory.</summary>
    private static bool TryDots(in Product product, WorkerPool? workers)
    {
        bool columnsAreFew = product.M > FewVectors || product.BRow != 1;
        if (columnsAreFew && (product.N > FewVectors || product.AColumn != 1)) return false;
        var x = columnsAreFew ? product.Transposed : product;
        if (x.AColumn != 1)
        {
            float* rows = Scratch.Take(x.M * x.K);
            Pack(x.A, x.AColumn, x.ARow, x.K, x.K, x.M, rows);
            x.A = rows;
            (x.ARow, x.AColumn) = (x.K, 1);
        }
        int grain = (int)Math.Max(1, DotGrain / ((long)x.M * x.K)) * 4;
        if (workers is null) Dots(x, product, columnsAreFew, 0, x.N);
        else
            workers.For(x.N, grain, (x, product, columnsAreFew), static (begin, end, given) =>
            {
                var (x, product, columnsAreFew) = given;
                Dots(x, product, columnsAreFew, begin, end);
            });
        return true;
    }

    private static void Dots(in Product x, in Product product, bool columnsAreFew, int begin, int end)
    {
        Dots(x, begin, end);
        if (columnsAreFew) Finish(product, begin, end - begin, 0, product.N);
        else Finish(product, 0, product.M, begin, end - begin);
    }

    // C_ij = a_i · b_j, four columns at a time: each number of a_i serves four sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots(in Product x, int begin, int end)
    {
        int j = begin, whole = x.K & -Vector;
        for (; j < end; j += 4)
        {
            // Beyond the last column the same one once more, and its sum is dropped.
            int many = Math.Min(4, end - j);
            float* b0 = x.B + j * x.BColumn, b1 = many > 1 ? b0 + x.BColumn : b0, b2 = many > 2 ? b1 + x.BColumn : b1, b3 = many > 3 ? b2 + x.BColumn : b2;
            for (int i = 0; i < x.M; i++)
            {
                float* a = x.A + i * x.ARow;
                Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
                for (int p = 0; p < whole; p += Vector)
                {
                    var each = Vector512.Load(a + p);
                    s0 = Vector512.MultiplyAddEstimate(each, Vector512.Load(b0 + p), s0);
                    s1 = Vector512.MultiplyAddEstimate(each, Vector512.Load(b1 + p), s1);
                    s2 = Vector512.MultiplyAddEstimate(each, Vector512.Load(b2 + p), s2);
                    s3 = Vector512.MultiplyAddEstimate(each, Vector512.Load(b3 + p), s3);
                }
                float t0 = Vector512.Sum(s0), t1 = Vector512.Sum(s1), t2 = Vector512.Sum(s2), t3 = Vector512.Sum(s3);
                for (int p = whole; p < x.K; p++)
                {
                    t0 += a[p] * b0[p];
                    t1 += a[p] * b1[p];
                    t2 += a[p] * b2[p];
                    t3 += a[p] * b3[p];
                }
                float* c = x.C + i * x.CRow + j * x.CColumn;
                Put(c, t0, x.Accumulate);
                if (many > 1) Put(c + x.CColumn, t1, x.Accumulate);
                if (many > 2) Put(c + 2 * x.CColumn, t2, x.Accumulate);
                if (many > 3) Put(c + 3 * x.CColumn, t3, x.Accumulate);
            }
        }
    }

    private static void Put(float* c, float sum, bool accumulate) => *c = accumulate ? *c + sum : sum;
}
