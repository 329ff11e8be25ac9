using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Rows of a register tile at most: with two vectors a row, 28 of AVX-512's 32 registers, or 12 of the 16 of older sets.</summary>
    internal static int TileRows => Vector512.IsHardwareAccelerated ? 14 : 6;

    /// <summary>Columns of a register tile, and of a packed panel of B: two vectors.</summary>
    internal static int TileColumns => 2 * (Vector512.IsHardwareAccelerated ? Lanes512.Width
        : Lanes256.IsFast ? Lanes256.Width
        : Vector128.IsHardwareAccelerated ? Lanes128.Width
        : Lanes1.Width);

    /// <summary>C = A·B or C += A·B for a tile of C that stays in registers over the whole depth. A row's bits do not depend on how many rows there are:
    /// each sum is its own, in the order of the depth.</summary>
    /// <param name="rows">1..<see cref="TileRows"/>.</param>
    /// <param name="columns">At least 1; more than <see cref="TileColumns"/> are as so many. C is written in whole vectors all the same.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="a">a[p·aStep + i].</param>
    /// <param name="aStep">From one column of A to the next: the rows, where A is packed.</param>
    /// <param name="b">b[p·bStep + j], readable in whole vectors.</param>
    /// <param name="bStep">From one row of B to the next.</param>
    /// <param name="c">c[i·cRow + j].</param>
    /// <param name="cRow">From one row of C to the next.</param>
    /// <param name="accumulate">Add to what C holds.</param>
    internal static void Tile(int rows, int columns, int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cRow, bool accumulate)
    {
        if (Vector512.IsHardwareAccelerated) Tile<Lanes512, Vector512<float>>(rows, columns, depth, a, aStep, b, bStep, c, cRow, accumulate);
        else if (Lanes256.IsFast) Tile<Lanes256, Vector256<float>>(rows, columns, depth, a, aStep, b, bStep, c, cRow, accumulate);
        else if (Vector128.IsHardwareAccelerated) Tile<Lanes128, Vector128<float>>(rows, columns, depth, a, aStep, b, bStep, c, cRow, accumulate);
        else Tile<Lanes1, float>(rows, columns, depth, a, aStep, b, bStep, c, cRow, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<L, V>(int rows, int columns, int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cRow, bool accumulate)
        where L : struct, ILanes<V> where V : struct
    {
        if (columns <= L.Width) Tile<L, V, N1>(rows, depth, a, aStep, b, bStep, c, cRow, accumulate);
        else Tile<L, V, N2>(rows, depth, a, aStep, b, bStep, c, cRow, accumulate);
    }

    private static void Tile<L, V, C>(int rows, int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cRow, bool accumulate)
        where L : struct, ILanes<V> where V : struct where C : struct, INumber
    {
        switch (rows)
        {
            case 1: Tile<L, V, N1, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 2: Tile<L, V, N2, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 3: Tile<L, V, N3, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 4: Tile<L, V, N4, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 5: Tile<L, V, N5, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 6: Tile<L, V, N6, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 7: Tile<L, V, N7, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 8: Tile<L, V, N8, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 9: Tile<L, V, N9, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 10: Tile<L, V, N10, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 11: Tile<L, V, N11, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 12: Tile<L, V, N12, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            case 13: Tile<L, V, N13, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
            default: Tile<L, V, N14, C>(depth, a, aStep, b, bStep, c, cRow, accumulate); break;
        }
    }

    // R rows of C vectors: both are constants to the compiler, which drops the lines beyond them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<L, V, R, C>(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cRow, bool accumulate)
        where L : struct, ILanes<V> where V : struct where R : struct, INumber where C : struct, INumber
    {
        Row<V> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default, r12 = default, r13 = default;
        for (int p = 0; p < depth; p++)
        {
            V b0 = L.Load(b), b1 = C.Value > 1 ? L.Load(b + L.Width) : default;
            r0.MultiplyAdd<L, C>(a[0], b0, b1);
            if (R.Value > 1) r1.MultiplyAdd<L, C>(a[1], b0, b1);
            if (R.Value > 2) r2.MultiplyAdd<L, C>(a[2], b0, b1);
            if (R.Value > 3) r3.MultiplyAdd<L, C>(a[3], b0, b1);
            if (R.Value > 4) r4.MultiplyAdd<L, C>(a[4], b0, b1);
            if (R.Value > 5) r5.MultiplyAdd<L, C>(a[5], b0, b1);
            if (R.Value > 6) r6.MultiplyAdd<L, C>(a[6], b0, b1);
            if (R.Value > 7) r7.MultiplyAdd<L, C>(a[7], b0, b1);
            if (R.Value > 8) r8.MultiplyAdd<L, C>(a[8], b0, b1);
            if (R.Value > 9) r9.MultiplyAdd<L, C>(a[9], b0, b1);
            if (R.Value > 10) r10.MultiplyAdd<L, C>(a[10], b0, b1);
            if (R.Value > 11) r11.MultiplyAdd<L, C>(a[11], b0, b1);
            if (R.Value > 12) r12.MultiplyAdd<L, C>(a[12], b0, b1);
            if (R.Value > 13) r13.MultiplyAdd<L, C>(a[13], b0, b1);
            a += aStep;
            b += bStep;
        }
        r0.Store<L, C>(c, accumulate);
        if (R.Value > 1) r1.Store<L, C>(c + 1 * cRow, accumulate);
        if (R.Value > 2) r2.Store<L, C>(c + 2 * cRow, accumulate);
        if (R.Value > 3) r3.Store<L, C>(c + 3 * cRow, accumulate);
        if (R.Value > 4) r4.Store<L, C>(c + 4 * cRow, accumulate);
        if (R.Value > 5) r5.Store<L, C>(c + 5 * cRow, accumulate);
        if (R.Value > 6) r6.Store<L, C>(c + 6 * cRow, accumulate);
        if (R.Value > 7) r7.Store<L, C>(c + 7 * cRow, accumulate);
        if (R.Value > 8) r8.Store<L, C>(c + 8 * cRow, accumulate);
        if (R.Value > 9) r9.Store<L, C>(c + 9 * cRow, accumulate);
        if (R.Value > 10) r10.Store<L, C>(c + 10 * cRow, accumulate);
        if (R.Value > 11) r11.Store<L, C>(c + 11 * cRow, accumulate);
        if (R.Value > 12) r12.Store<L, C>(c + 12 * cRow, accumulate);
        if (R.Value > 13) r13.Store<L, C>(c + 13 * cRow, accumulate);
    }

    /// <summary>One row of a register tile.</summary>
    private struct Row<V> where V : struct
    {
        private V first, second;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd<L, C>(float a, V b0, V b1) where L : struct, ILanes<V> where C : struct, INumber
        {
            V each = L.Broadcast(a);
            first = L.MultiplyAdd(each, b0, first);
            if (C.Value > 1) second = L.MultiplyAdd(each, b1, second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store<L, C>(float* c, bool accumulate) where L : struct, ILanes<V> where C : struct, INumber
        {
            L.Store(accumulate ? L.Add(L.Load(c), first) : first, c);
            if (C.Value > 1) L.Store(accumulate ? L.Add(L.Load(c + L.Width), second) : second, c + L.Width);
        }
    }

    /// <summary>A number that is a type, so that the compiler makes a method of its own for it.</summary>
    private interface INumber
    {
        static abstract int Value { get; }
    }

    private readonly struct N1 : INumber { public static int Value => 1; }
    private readonly struct N2 : INumber { public static int Value => 2; }
    private readonly struct N3 : INumber { public static int Value => 3; }
    private readonly struct N4 : INumber { public static int Value => 4; }
    private readonly struct N5 : INumber { public static int Value => 5; }
    private readonly struct N6 : INumber { public static int Value => 6; }
    private readonly struct N7 : INumber { public static int Value => 7; }
    private readonly struct N8 : INumber { public static int Value => 8; }
    private readonly struct N9 : INumber { public static int Value => 9; }
    private readonly struct N10 : INumber { public static int Value => 10; }
    private readonly struct N11 : INumber { public static int Value => 11; }
    private readonly struct N12 : INumber { public static int Value => 12; }
    private readonly struct N13 : INumber { public static int Value => 13; }
    private readonly struct N14 : INumber { public static int Value => 14; }
}
