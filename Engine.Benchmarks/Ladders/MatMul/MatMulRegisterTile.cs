using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Four rows by two vectors of C stay in registers over all of p: six loads serve eight multiplications, and nothing is stored until the end.</summary>
internal static unsafe class MatMulRegisterTile
{
    public const int Rows = 4, Columns = 32;

    public static void Run(float* a, float* b, float* c, int m, int n, int k)
    {
        int rows = m / Rows * Rows, columns = n / Columns * Columns;
        for (int i = 0; i < rows; i += Rows)
            for (int j = 0; j < columns; j += Columns) Tile(k, a + i * k, k, 1, b + j, n, c + i * n + j, n, accumulate: false);
        MatMulVectors.Part(a, b + columns, c + columns, rows, n - columns, k, n);           // what is left at the right, and below
        MatMulVectors.Part(a + rows * k, b, c + rows * n, m - rows, n, k, n);
    }

    /// <summary>c = a·b, or c += a·b, for 4 rows and 32 columns of c.</summary>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="a">a[i·aRow + p·aStep].</param>
    /// <param name="aRow">From one row of a to the next.</param>
    /// <param name="aStep">From one number of a row to the next.</param>
    /// <param name="b">b[p·bRow + j].</param>
    /// <param name="bRow">From one row of b to the next.</param>
    /// <param name="c">c[i·cRow + j].</param>
    /// <param name="cRow">From one row of c to the next.</param>
    /// <param name="accumulate">Add to what c holds.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(int depth, float* a, nint aRow, nint aStep, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        if (accumulate)
        {
            (c00, c01) = (Vector512.Load(c), Vector512.Load(c + 16));
            (c10, c11) = (Vector512.Load(c + cRow), Vector512.Load(c + cRow + 16));
            (c20, c21) = (Vector512.Load(c + 2 * cRow), Vector512.Load(c + 2 * cRow + 16));
            (c30, c31) = (Vector512.Load(c + 3 * cRow), Vector512.Load(c + 3 * cRow + 16));
        }
        for (int p = 0; p < depth; p++, a += aStep, b += bRow)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + 16), each = Vector512.Create(a[0]);
            c00 = Vector512.FusedMultiplyAdd(each, left, c00);
            c01 = Vector512.FusedMultiplyAdd(each, right, c01);
            each = Vector512.Create(a[aRow]);
            c10 = Vector512.FusedMultiplyAdd(each, left, c10);
            c11 = Vector512.FusedMultiplyAdd(each, right, c11);
            each = Vector512.Create(a[2 * aRow]);
            c20 = Vector512.FusedMultiplyAdd(each, left, c20);
            c21 = Vector512.FusedMultiplyAdd(each, right, c21);
            each = Vector512.Create(a[3 * aRow]);
            c30 = Vector512.FusedMultiplyAdd(each, left, c30);
            c31 = Vector512.FusedMultiplyAdd(each, right, c31);
        }
        c00.Store(c);
        c01.Store(c + 16);
        c10.Store(c + cRow);
        c11.Store(c + cRow + 16);
        c20.Store(c + 2 * cRow);
        c21.Store(c + 2 * cRow + 16);
        c30.Store(c + 3 * cRow);
        c31.Store(c + 3 * cRow + 16);
    }
}
