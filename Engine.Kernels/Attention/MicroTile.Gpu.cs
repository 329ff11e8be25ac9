using System.Runtime.CompilerServices;
using ILGPU;

namespace Engine.Kernels;

/// <summary>Sixteen numbers of a square of which a group's threads have Side × Side such: thread (x, y) those at rows y, y + Side, … and columns x,
/// x + Side, …</summary>
internal struct MicroTile
{
    public float C00, C01, C02, C03, C10, C11, C12, C13, C20, C21, C22, C23, C30, C31, C32, C33;

    /// <summary>c + Σ_p a_p b_p, with a[p·aStep + row·aRow] and b[p·bStep + column] in shared memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MicroTile MultiplyAdd<T>(MicroTile c, ArrayView<float> a, int aFrom, int aStep, int aRow, ArrayView<float> b, int bStep, int depth) where T : struct, IMatMulTile
    {
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side * aRow + aFrom, down = T.Side * aRow;
        for (int p = 0; p < depth; p++)
        {
            int from = p * aStep + y, to = p * bStep + x;
            float a0 = a[from], a1 = a[from + down], a2 = a[from + 2 * down], a3 = a[from + 3 * down];
            float b0 = b[to], b1 = b[to + T.Side], b2 = b[to + 2 * T.Side], b3 = b[to + 3 * T.Side];
            c.C00 += a0 * b0; c.C01 += a0 * b1; c.C02 += a0 * b2; c.C03 += a0 * b3;
            c.C10 += a1 * b0; c.C11 += a1 * b1; c.C12 += a1 * b2; c.C13 += a1 * b3;
            c.C20 += a2 * b0; c.C21 += a2 * b1; c.C22 += a2 * b2; c.C23 += a2 * b3;
            c.C30 += a3 * b0; c.C31 += a3 * b1; c.C32 += a3 * b2; c.C33 += a3 * b3;
        }
        return c;
    }

    /// <summary>Each row multiplied by its own number in shared memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MicroTile Scale<T>(MicroTile c, ArrayView<float> factors) where T : struct, IMatMulTile
    {
        int y = Group.IdxX / T.Side;
        float f0 = factors[y], f1 = factors[y + T.Side], f2 = factors[y + 2 * T.Side], f3 = factors[y + 3 * T.Side];
        c.C00 *= f0; c.C01 *= f0; c.C02 *= f0; c.C03 *= f0;
        c.C10 *= f1; c.C11 *= f1; c.C12 *= f1; c.C13 *= f1;
        c.C20 *= f2; c.C21 *= f2; c.C22 *= f2; c.C23 *= f2;
        c.C30 *= f3; c.C31 *= f3; c.C32 *= f3; c.C33 *= f3;
        return c;
    }

    /// <summary>All rows and columns into a square in shared memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Share<T>(MicroTile c, ArrayView<float> square, int stride) where T : struct, IMatMulTile
    {
        int at = Group.IdxX / T.Side * stride + Group.IdxX % T.Side, down = T.Side * stride;
        ShareRow<T>(square, at, c.C00, c.C01, c.C02, c.C03);
        ShareRow<T>(square, at + down, c.C10, c.C11, c.C12, c.C13);
        ShareRow<T>(square, at + 2 * down, c.C20, c.C21, c.C22, c.C23);
        ShareRow<T>(square, at + 3 * down, c.C30, c.C31, c.C32, c.C33);
    }

    /// <summary>ds = p (r dp − δ) over the p in a square in shared memory, where r is kept, or 0 where p is given as −p. This is dp.</summary>
    /// <param name="c">dp.</param>
    /// <param name="kept">1/(1 − rate).</param>
    /// <param name="square">±p, then ds.</param>
    /// <param name="stride">From one of its rows to the next.</param>
    /// <param name="deltas">δ of every query.</param>
    /// <param name="from">That of the square's first.</param>
    /// <param name="queries">Queries of the square that there are.</param>
    /// <param name="byColumn">Whether queries are columns of the square.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShareGradient<T>(MicroTile c, float kept, ArrayView<float> square, int stride, ArrayView<float> deltas, int from, int queries, bool byColumn) where T : struct, IMatMulTile
    {
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side, at = y * stride + x, down = T.Side * stride, first = byColumn ? x : y;
        float d0 = 0f, d1 = 0f, d2 = 0f, d3 = 0f;
        if (first < queries) d0 = deltas[from + first];
        if (first + T.Side < queries) d1 = deltas[from + first + T.Side];
        if (first + 2 * T.Side < queries) d2 = deltas[from + first + 2 * T.Side];
        if (first + 3 * T.Side < queries) d3 = deltas[from + first + 3 * T.Side];
        GradientRow<T>(square, at, kept, c.C00, c.C01, c.C02, c.C03, d0, byColumn ? d1 : d0, byColumn ? d2 : d0, byColumn ? d3 : d0);
        GradientRow<T>(square, at + down, kept, c.C10, c.C11, c.C12, c.C13, byColumn ? d0 : d1, d1, byColumn ? d2 : d1, byColumn ? d3 : d1);
        GradientRow<T>(square, at + 2 * down, kept, c.C20, c.C21, c.C22, c.C23, byColumn ? d0 : d2, byColumn ? d1 : d2, d2, byColumn ? d3 : d2);
        GradientRow<T>(square, at + 3 * down, kept, c.C30, c.C31, c.C32, c.C33, byColumn ? d0 : d3, byColumn ? d1 : d3, byColumn ? d2 : d3, d3);
    }

    /// <summary>factor·c into global memory, for the rows and columns that there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(MicroTile c, float factor, ArrayView<float> target, int from, int to, int rows, int columns) where T : struct, IMatMulTile
    {
        int x = Group.IdxX % T.Side, y = Group.IdxX / T.Side;
        if (y < rows) StoreRow<T>(target, from + y * to, x, columns, factor * c.C00, factor * c.C01, factor * c.C02, factor * c.C03);
        if (y + T.Side < rows) StoreRow<T>(target, from + (y + T.Side) * to, x, columns, factor * c.C10, factor * c.C11, factor * c.C12, factor * c.C13);
        if (y + 2 * T.Side < rows) StoreRow<T>(target, from + (y + 2 * T.Side) * to, x, columns, factor * c.C20, factor * c.C21, factor * c.C22, factor * c.C23);
        if (y + 3 * T.Side < rows) StoreRow<T>(target, from + (y + 3 * T.Side) * to, x, columns, factor * c.C30, factor * c.C31, factor * c.C32, factor * c.C33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShareRow<T>(ArrayView<float> square, int at, float c0, float c1, float c2, float c3) where T : struct, IMatMulTile
    {
        square[at] = c0;
        square[at + T.Side] = c1;
        square[at + 2 * T.Side] = c2;
        square[at + 3 * T.Side] = c3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientRow<T>(ArrayView<float> square, int at, float kept, float c0, float c1, float c2, float c3, float d0, float d1, float d2, float d3) where T : struct, IMatMulTile
    {
        square[at] = Gradient(square[at], kept * c0, d0);
        square[at + T.Side] = Gradient(square[at + T.Side], kept * c1, d1);
        square[at + 2 * T.Side] = Gradient(square[at + 2 * T.Side], kept * c2, d2);
        square[at + 3 * T.Side] = Gradient(square[at + 3 * T.Side], kept * c3, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Gradient(float p, float dp, float delta)
    {
        if (p < 0f) return p * delta;
        return p * (dp - delta);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<T>(ArrayView<float> target, int from, int x, int columns, float c0, float c1, float c2, float c3) where T : struct, IMatMulTile
    {
        if (x < columns) target[from + x] = c0;
        if (x + T.Side < columns) target[from + x + T.Side] = c1;
        if (x + 2 * T.Side < columns) target[from + x + 2 * T.Side] = c2;
        if (x + 3 * T.Side < columns) target[from + x + 3 * T.Side] = c3;
    }
}
