using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Rows that <see cref="Shifted"/> computes at a time at most: their pointers stay in registers.</summary>
    internal static int ShiftedRows => Vector512.IsHardwareAccelerated ? 9 : 5;

    /// <summary>C = A·B or C += A·B, where row i of A is the window x from x + offsets[i] on, read where it lies, and B is packed, a row of
    /// <see cref="TileColumns"/> for each number of that walk.</summary>
    /// <param name="rows">1..<see cref="ShiftedRows"/>.</param>
    /// <param name="columns">1..<see cref="TileColumns"/>; C is written in whole vectors all the same.</param>
    /// <param name="x">The window's numbers.</param>
    /// <param name="walk">Which of them a row is: images of rows of columns.</param>
    /// <param name="offsets">Where each row begins.</param>
    /// <param name="b">Packed.</param>
    /// <param name="c">c[i·TileColumns + j].</param>
    /// <param name="accumulate">Add to what C holds.</param>
    internal static void Shifted(int rows, int columns, float* x, in ConvWindow walk, int* offsets, float* b, float* c, bool accumulate)
    {
        if (Vector512.IsHardwareAccelerated) Shifted<Lanes512, Vector512<float>>(rows, columns, x, walk, offsets, b, c, accumulate);
        else if (Lanes256.IsFast) Shifted<Lanes256, Vector256<float>>(rows, columns, x, walk, offsets, b, c, accumulate);
        else if (Vector128.IsHardwareAccelerated) Shifted<Lanes128, Vector128<float>>(rows, columns, x, walk, offsets, b, c, accumulate);
        else Shifted<Lanes1, float>(rows, columns, x, walk, offsets, b, c, accumulate);
    }

    private static void Shifted<L, V>(int rows, int columns, float* x, in ConvWindow walk, int* offsets, float* b, float* c, bool accumulate)
        where L : struct, ILanes<V> where V : struct
    {
        if (columns <= L.Width) Shifted<L, V, N1>(rows, x, walk, offsets, b, c, accumulate);
        else Shifted<L, V, N2>(rows, x, walk, offsets, b, c, accumulate);
    }

    private static void Shifted<L, V, C>(int rows, float* x, in ConvWindow walk, int* offsets, float* b, float* c, bool accumulate)
        where L : struct, ILanes<V> where V : struct where C : struct, INumber
    {
        switch (rows)
        {
            case 1: Shifted<L, V, N1, C>(x, walk, offsets, b, c, accumulate); break;
            case 2: Shifted<L, V, N2, C>(x, walk, offsets, b, c, accumulate); break;
            case 3: Shifted<L, V, N3, C>(x, walk, offsets, b, c, accumulate); break;
            case 4: Shifted<L, V, N4, C>(x, walk, offsets, b, c, accumulate); break;
            case 5: Shifted<L, V, N5, C>(x, walk, offsets, b, c, accumulate); break;
            case 6: Shifted<L, V, N6, C>(x, walk, offsets, b, c, accumulate); break;
            case 7: Shifted<L, V, N7, C>(x, walk, offsets, b, c, accumulate); break;
            case 8: Shifted<L, V, N8, C>(x, walk, offsets, b, c, accumulate); break;
            default: Shifted<L, V, N9, C>(x, walk, offsets, b, c, accumulate); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shifted<L, V, R, C>(float* x, in ConvWindow walk, int* offsets, float* b, float* c, bool accumulate)
        where L : struct, ILanes<V> where V : struct where R : struct, INumber where C : struct, INumber
    {
        Row<V> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default, r8 = default;
        int images = walk.Images, rows = walk.Rows, imageStep = walk.ImageStep, rowStep = walk.RowStep;
        nint columns = walk.Columns;
        for (int n = 0; n < images; n++)
            for (int p = 0; p < rows; p++)
            {
                float* from = x + n * imageStep + p * rowStep;
                float* x0 = from + offsets[0], x1 = R.Value > 1 ? from + offsets[1] : x0, x2 = R.Value > 2 ? from + offsets[2] : x0;
                float* x3 = R.Value > 3 ? from + offsets[3] : x0, x4 = R.Value > 4 ? from + offsets[4] : x0, x5 = R.Value > 5 ? from + offsets[5] : x0;
                float* x6 = R.Value > 6 ? from + offsets[6] : x0, x7 = R.Value > 7 ? from + offsets[7] : x0, x8 = R.Value > 8 ? from + offsets[8] : x0;
                for (nint q = 0; q < columns; q++)
                {
                    V b0 = L.Load(b), b1 = C.Value > 1 ? L.Load(b + L.Width) : default;
                    r0.MultiplyAdd<L, C>(x0[q], b0, b1);
                    if (R.Value > 1) r1.MultiplyAdd<L, C>(x1[q], b0, b1);
                    if (R.Value > 2) r2.MultiplyAdd<L, C>(x2[q], b0, b1);
                    if (R.Value > 3) r3.MultiplyAdd<L, C>(x3[q], b0, b1);
                    if (R.Value > 4) r4.MultiplyAdd<L, C>(x4[q], b0, b1);
                    if (R.Value > 5) r5.MultiplyAdd<L, C>(x5[q], b0, b1);
                    if (R.Value > 6) r6.MultiplyAdd<L, C>(x6[q], b0, b1);
                    if (R.Value > 7) r7.MultiplyAdd<L, C>(x7[q], b0, b1);
                    if (R.Value > 8) r8.MultiplyAdd<L, C>(x8[q], b0, b1);
                    b += 2 * L.Width;
                }
            }
        int step = 2 * L.Width;
        r0.Store<L, C>(c, accumulate);
        if (R.Value > 1) r1.Store<L, C>(c + 1 * step, accumulate);
        if (R.Value > 2) r2.Store<L, C>(c + 2 * step, accumulate);
        if (R.Value > 3) r3.Store<L, C>(c + 3 * step, accumulate);
        if (R.Value > 4) r4.Store<L, C>(c + 4 * step, accumulate);
        if (R.Value > 5) r5.Store<L, C>(c + 5 * step, accumulate);
        if (R.Value > 6) r6.Store<L, C>(c + 6 * step, accumulate);
        if (R.Value > 7) r7.Store<L, C>(c + 7 * step, accumulate);
        if (R.Value > 8) r8.Store<L, C>(c + 8 * step, accumulate);
    }
}
