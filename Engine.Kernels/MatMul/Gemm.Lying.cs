using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>C = A·B for a tile of C, where A lies in strips of <see cref="TileColumns"/> of its columns: rows one below the other, strips one
    /// after the other. Only where there are vectors: <see cref="Winograd.IsFast"/>.</summary>
    /// <param name="rows">1..<see cref="TileRows"/>.</param>
    /// <param name="columns">At least 1; more than <see cref="TileColumns"/> are as so many. C is written in whole vectors all the same.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="a">a[p / TileColumns · aStrip + i·TileColumns + p % TileColumns].</param>
    /// <param name="aStrip">From one strip of A to the next.</param>
    /// <param name="b">Packed: b[p·TileColumns + j].</param>
    /// <param name="c">c[i·TileColumns + j].</param>
    internal static void TileOfStrips(int rows, int columns, int depth, float* a, nint aStrip, float* b, float* c)
    {
        if (Vector512.IsHardwareAccelerated) TileOfStrips<Lanes512, Vector512<float>>(rows, columns, depth, a, aStrip, b, c);
        else if (Lanes256.IsFast) TileOfStrips<Lanes256, Vector256<float>>(rows, columns, depth, a, aStrip, b, c);
        else TileOfStrips<Lanes128, Vector128<float>>(rows, columns, depth, a, aStrip, b, c);
    }

    private static void TileOfStrips<L, V>(int rows, int columns, int depth, float* a, nint aStrip, float* b, float* c)
        where L : struct, ILanes<V> where V : struct
    {
        if (columns <= L.Width) TileOfStrips<L, V, N1>(rows, depth, a, aStrip, b, c);
        else TileOfStrips<L, V, N2>(rows, depth, a, aStrip, b, c);
    }

    private static void TileOfStrips<L, V, C>(int rows, int depth, float* a, nint aStrip, float* b, float* c)
        where L : struct, ILanes<V> where V : struct where C : struct, INumber
    {
        switch (rows)
        {
            case 1: TileOfStrips<L, V, N1, C>(depth, a, aStrip, b, c); break;
            case 2: TileOfStrips<L, V, N2, C>(depth, a, aStrip, b, c); break;
            case 3: TileOfStrips<L, V, N3, C>(depth, a, aStrip, b, c); break;
            case 4: TileOfStrips<L, V, N4, C>(depth, a, aStrip, b, c); break;
            case 5: TileOfStrips<L, V, N5, C>(depth, a, aStrip, b, c); break;
            case 6: TileOfStrips<L, V, N6, C>(depth, a, aStrip, b, c); break;
            case 7: TileOfStrips<L, V, N7, C>(depth, a, aStrip, b, c); break;
            case 8: TileOfStrips<L, V, N8, C>(depth, a, aStrip, b, c); break;
            case 9: TileOfStrips<L, V, N9, C>(depth, a, aStrip, b, c); break;
            case 10: TileOfStrips<L, V, N10, C>(depth, a, aStrip, b, c); break;
            case 11: TileOfStrips<L, V, N11, C>(depth, a, aStrip, b, c); break;
            case 12: TileOfStrips<L, V, N12, C>(depth, a, aStrip, b, c); break;
            case 13: TileOfStrips<L, V, N13, C>(depth, a, aStrip, b, c); break;
            default: TileOfStrips<L, V, N14, C>(depth, a, aStrip, b, c); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TileOfStrips<L, V, R, C>(int depth, float* a, nint aStrip, float* b, float* c)
        where L : struct, ILanes<V> where V : struct where R : struct, INumber where C : struct, INumber
    {
        Row<V> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default, r12 = default, r13 = default;
        int step = 2 * L.Width;
        for (int first = 0; first < depth; first += step, a += aStrip)
        {
            float* from = a;
            for (float* end = b + Math.Min(step, depth - first) * step; b < end; b += step, from++)
            {
                V b0 = L.Load(b), b1 = C.Value > 1 ? L.Load(b + L.Width) : default;
                r0.MultiplyAdd<L, C>(from[0], b0, b1);
                if (R.Value > 1) r1.MultiplyAdd<L, C>(from[1 * step], b0, b1);
                if (R.Value > 2) r2.MultiplyAdd<L, C>(from[2 * step], b0, b1);
                if (R.Value > 3) r3.MultiplyAdd<L, C>(from[3 * step], b0, b1);
                if (R.Value > 4) r4.MultiplyAdd<L, C>(from[4 * step], b0, b1);
                if (R.Value > 5) r5.MultiplyAdd<L, C>(from[5 * step], b0, b1);
                if (R.Value > 6) r6.MultiplyAdd<L, C>(from[6 * step], b0, b1);
                if (R.Value > 7) r7.MultiplyAdd<L, C>(from[7 * step], b0, b1);
                if (R.Value > 8) r8.MultiplyAdd<L, C>(from[8 * step], b0, b1);
                if (R.Value > 9) r9.MultiplyAdd<L, C>(from[9 * step], b0, b1);
                if (R.Value > 10) r10.MultiplyAdd<L, C>(from[10 * step], b0, b1);
                if (R.Value > 11) r11.MultiplyAdd<L, C>(from[11 * step], b0, b1);
                if (R.Value > 12) r12.MultiplyAdd<L, C>(from[12 * step], b0, b1);
                if (R.Value > 13) r13.MultiplyAdd<L, C>(from[13 * step], b0, b1);
            }
        }
        r0.Store<L, C>(c, false);
        if (R.Value > 1) r1.Store<L, C>(c + 1 * step, false);
        if (R.Value > 2) r2.Store<L, C>(c + 2 * step, false);
        if (R.Value > 3) r3.Store<L, C>(c + 3 * step, false);
        if (R.Value > 4) r4.Store<L, C>(c + 4 * step, false);
        if (R.Value > 5) r5.Store<L, C>(c + 5 * step, false);
        if (R.Value > 6) r6.Store<L, C>(c + 6 * step, false);
        if (R.Value > 7) r7.Store<L, C>(c + 7 * step, false);
        if (R.Value > 8) r8.Store<L, C>(c + 8 * step, false);
        if (R.Value > 9) r9.Store<L, C>(c + 9 * step, false);
        if (R.Value > 10) r10.Store<L, C>(c + 10 * step, false);
        if (R.Value > 11) r11.Store<L, C>(c + 11 * step, false);
        if (R.Value > 12) r12.Store<L, C>(c + 12 * step, false);
        if (R.Value > 13) r13.Store<L, C>(c + 13 * step, false);
    }
}
