using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>Winograd's way through a 3×3 convolution of stride 1, F(4×4, 3×3): 36 products make the 16 results of a tile, which take 144 otherwise.
/// y = Aᵀ·[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A with the points 0, ±1, ±2 and ∞. A vector holds channels, so no plane is too narrow for it.</summary>
/// <remarks>Source: Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308. Channels go in strips of
/// <see cref="Gemm.TileColumns"/>, two vectors.</remarks>
internal static unsafe class Winograd
{
    /// <summary>Rows, and columns, of the results that a tile makes.</summary>
    public const int Tile = 4;

    /// <summary>Rows, and columns, that a tile reads.</summary>
    public const int Reach = 6;

    /// <summary>Products of a tile.</summary>
    public const int Products = Reach * Reach;

    /// <summary>Whether there are vectors to do it with.</summary>
    public static bool IsFast => Vector128.IsHardwareAccelerated;

    /// <summary>Bᵀ·x·B for a row of tiles and one strip of channels.</summary>
    /// <param name="x">Six rows of pixels, each of which is a strip.</param>
    /// <param name="row">From one row of x to the next.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="channels">Of the strip: where one vector has them all, the other is left alone.</param>
    /// <param name="to">A strip for each tile, for each of the 36 products.</param>
    /// <param name="step">From one product to the next.</param>
    public static void Input(float* x, nint row, int tiles, int channels, float* to, nint step)
    {
        if (Vector512.IsHardwareAccelerated) Input<Gemm.Lanes512, Vector512<float>>(x, row, tiles, channels, to, step);
        else if (Gemm.Lanes256.IsFast) Input<Gemm.Lanes256, Vector256<float>>(x, row, tiles, channels, to, step);
        else Input<Gemm.Lanes128, Vector128<float>>(x, row, tiles, channels, to, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Input<L, V>(float* x, nint row, int tiles, int channels, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        int strip = 2 * L.Width;
        for (int i = 0; i < 2 * tiles; i += channels > L.Width ? 1 : 2)
        {
            float* from = x + (i >> 1) * Tile * strip + (i & 1) * L.Width, target = to + i * L.Width;
            for (int edge = 0; edge < 2; edge++)
            {
                float* d = from + edge * row;
                Across<L, V>(Edge<L, V>(d, row), Edge<L, V>(d + strip, row), Edge<L, V>(d + 2 * strip, row), Edge<L, V>(d + 3 * strip, row),
                    Edge<L, V>(d + 4 * strip, row), Edge<L, V>(d + 5 * strip, row), target + edge * 5 * Reach * step, step);
            }
            Inner<L, V>(from, row, out var a0, out var b0);
            Inner<L, V>(from + strip, row, out var a1, out var b1);
            Inner<L, V>(from + 2 * strip, row, out var a2, out var b2);
            Inner<L, V>(from + 3 * strip, row, out var a3, out var b3);
            Inner<L, V>(from + 4 * strip, row, out var a4, out var b4);
            Inner<L, V>(from + 5 * strip, row, out var a5, out var b5);
            Across<L, V>(L.Add(a0, b0), L.Add(a1, b1), L.Add(a2, b2), L.Add(a3, b3), L.Add(a4, b4), L.Add(a5, b5), target + Reach * step, step);
            Across<L, V>(L.Subtract(a0, b0), L.Subtract(a1, b1), L.Subtract(a2, b2), L.Subtract(a3, b3), L.Subtract(a4, b4), L.Subtract(a5, b5), target + 2 * Reach * step, step);
            Outer<L, V>(from, row, out a0, out b0);
            Outer<L, V>(from + strip, row, out a1, out b1);
            Outer<L, V>(from + 2 * strip, row, out a2, out b2);
            Outer<L, V>(from + 3 * strip, row, out a3, out b3);
            Outer<L, V>(from + 4 * strip, row, out a4, out b4);
            Outer<L, V>(from + 5 * strip, row, out a5, out b5);
            Across<L, V>(L.Add(a0, b0), L.Add(a1, b1), L.Add(a2, b2), L.Add(a3, b3), L.Add(a4, b4), L.Add(a5, b5), target + 3 * Reach * step, step);
            Across<L, V>(L.Subtract(a0, b0), L.Subtract(a1, b1), L.Subtract(a2, b2), L.Subtract(a3, b3), L.Subtract(a4, b4), L.Subtract(a5, b5), target + 4 * Reach * step, step);
        }
    }

    // A number of Bᵀ·d: of the first or last row; the halves whose sum and difference are those of rows 1 and 2; and of rows 3 and 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Edge<L, V>(float* d, nint row) where L : struct, Gemm.ILanes<V> where V : struct
        => L.MultiplyAdd(L.Load(d), L.Broadcast(4), L.MultiplyAdd(L.Load(d + 2 * row), L.Broadcast(-5), L.Load(d + 4 * row)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inner<L, V>(float* d, nint row, out V even, out V odd) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V minusFour = L.Broadcast(-4);
        even = L.MultiplyAdd(L.Load(d + 2 * row), minusFour, L.Load(d + 4 * row));
        odd = L.MultiplyAdd(L.Load(d + row), minusFour, L.Load(d + 3 * row));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Outer<L, V>(float* d, nint row, out V even, out V odd) where L : struct, Gemm.ILanes<V> where V : struct
    {
        even = L.Subtract(L.Load(d + 4 * row), L.Load(d + 2 * row));
        odd = L.Subtract(L.Load(d + 3 * row), L.Load(d + row));
        odd = L.Add(odd, odd);
    }

    // d·B of a row of six.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Across<L, V>(V d0, V d1, V d2, V d3, V d4, V d5, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V four = L.Broadcast(4), minusFour = L.Broadcast(-4), minusFive = L.Broadcast(-5);
        L.Store(L.MultiplyAdd(d0, four, L.MultiplyAdd(d2, minusFive, d4)), to);
        V even = L.MultiplyAdd(d2, minusFour, d4), odd = L.MultiplyAdd(d1, minusFour, d3);
        L.Store(L.Add(even, odd), to + step);
        L.Store(L.Subtract(even, odd), to + 2 * step);
        even = L.Subtract(d4, d2);
        odd = L.Subtract(d3, d1);
        odd = L.Add(odd, odd);
        L.Store(L.Add(even, odd), to + 3 * step);
        L.Store(L.Subtract(even, odd), to + 4 * step);
        L.Store(L.MultiplyAdd(d1, four, L.MultiplyAdd(d3, minusFive, d5)), to + 5 * step);
    }

    /// <summary>G·w·Gᵀ for one strip of filters and one channel.</summary>
    /// <param name="w">A strip of filters for each of the nine taps.</param>
    /// <param name="tap">From one tap to the next: below 0 where w begins at the last.</param>
    /// <param name="to">A strip for each of the 36 products.</param>
    /// <param name="step">From one product to the next.</param>
    public static void Filter(float* w, nint tap, float* to, nint step)
    {
        if (Vector512.IsHardwareAccelerated) Filter<Gemm.Lanes512, Vector512<float>>(w, tap, to, step);
        else if (Gemm.Lanes256.IsFast) Filter<Gemm.Lanes256, Vector256<float>>(w, tap, to, step);
        else Filter<Gemm.Lanes128, Vector128<float>>(w, tap, to, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Filter<L, V>(float* w, nint tap, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        float* columns = stackalloc float[3 * Reach * L.Width];
        for (int half = 0; half < 2; half++, w += L.Width, to += L.Width)
        {
            for (int s = 0; s < 3; s++)
                Spread<L, V>(L.Load(w + s * tap), L.Load(w + (3 + s) * tap), L.Load(w + (6 + s) * tap), columns + s * Reach * L.Width, L.Width);
            for (int i = 0; i < Reach; i++)
                Spread<L, V>(L.Load(columns + i * L.Width), L.Load(columns + (Reach + i) * L.Width), L.Load(columns + (2 * Reach + i) * L.Width), to + i * Reach * step, step);
        }
    }

    // G·g of a column of three.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread<L, V>(V g0, V g1, V g2, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V zero = L.Broadcast(0), sixth = L.Broadcast(1f / 6), minusSixth = L.Broadcast(-1f / 6), twelfth = L.Broadcast(1f / 12);
        L.Store(L.MultiplyAdd(g0, L.Broadcast(0.25f), zero), to);
        V even = L.MultiplyAdd(L.Add(g0, g2), minusSixth, zero), odd = L.MultiplyAdd(g1, minusSixth, zero);
        L.Store(L.Add(even, odd), to + step);
        L.Store(L.Subtract(even, odd), to + 2 * step);
        even = L.MultiplyAdd(g0, L.Broadcast(1f / 24), L.MultiplyAdd(g2, sixth, zero));
        odd = L.MultiplyAdd(g1, twelfth, zero);
        L.Store(L.Add(even, odd), to + 3 * step);
        L.Store(L.Subtract(even, odd), to + 4 * step);
        L.Store(g2, to + 5 * step);
    }

    /// <summary>max(Aᵀ·m·A + bias, least) for a row of tiles and one strip of filters.</summary>
    /// <param name="m">A strip for each tile, for each of the 36 products.</param>
    /// <param name="step">From one product to the next.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="channels">Of the strip: where one vector has them all, the other is left alone.</param>
    /// <param name="bias">A strip.</param>
    /// <param name="least">0 for Relu, −∞ for nothing.</param>
    /// <param name="y">Four rows of pixels, each of which is a strip.</param>
    /// <param name="row">From one row of y to the next.</param>
    public static void Output(float* m, nint step, int tiles, int channels, float* bias, float least, float* y, nint row)
    {
        if (Vector512.IsHardwareAccelerated) Output<Gemm.Lanes512, Vector512<float>>(m, step, tiles, channels, bias, least, y, row);
        else if (Gemm.Lanes256.IsFast) Output<Gemm.Lanes256, Vector256<float>>(m, step, tiles, channels, bias, least, y, row);
        else Output<Gemm.Lanes128, Vector128<float>>(m, step, tiles, channels, bias, least, y, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Output<L, V>(float* m, nint step, int tiles, int channels, float* bias, float least, float* y, nint row)
        where L : struct, Gemm.ILanes<V> where V : struct
    {
        int strip = 2 * L.Width;
        nint down = Reach * step;
        V floor = L.Broadcast(least);
        for (int i = 0; i < 2 * tiles; i += channels > L.Width ? 1 : 2)
        {
            float* from = m + i * L.Width, to = y + (i >> 1) * Tile * strip + (i & 1) * L.Width;
            V b = L.Load(bias + (i & 1) * L.Width);
            Even<L, V>(from, down, out var a0, out var b0);
            Even<L, V>(from + step, down, out var a1, out var b1);
            Even<L, V>(from + 2 * step, down, out var a2, out var b2);
            Even<L, V>(from + 3 * step, down, out var a3, out var b3);
            Even<L, V>(from + 4 * step, down, out var a4, out var b4);
            Even<L, V>(from + 5 * step, down, out var a5, out var b5);
            Gathered<L, V>(a0, a1, a2, a3, a4, a5, b, floor, to);
            Gathered<L, V>(b0, b1, b2, b3, b4, b5, b, floor, to + 2 * row);
            Odd<L, V>(from, down, out a0, out b0);
            Odd<L, V>(from + step, down, out a1, out b1);
            Odd<L, V>(from + 2 * step, down, out a2, out b2);
            Odd<L, V>(from + 3 * step, down, out a3, out b3);
            Odd<L, V>(from + 4 * step, down, out a4, out b4);
            Odd<L, V>(from + 5 * step, down, out a5, out b5);
            Gathered<L, V>(a0, a1, a2, a3, a4, a5, b, floor, to + row);
            Gathered<L, V>(b0, b1, b2, b3, b4, b5, b, floor, to + 3 * row);
        }
    }

    // Rows 0 and 2 of Aᵀ·m, and rows 1 and 3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Even<L, V>(float* m, nint down, out V first, out V second) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V s1 = L.Add(L.Load(m + down), L.Load(m + 2 * down)), s2 = L.Add(L.Load(m + 3 * down), L.Load(m + 4 * down));
        first = L.Add(L.Add(L.Load(m), s1), s2);
        second = L.MultiplyAdd(s2, L.Broadcast(4), s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Odd<L, V>(float* m, nint down, out V first, out V second) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V d1 = L.Subtract(L.Load(m + down), L.Load(m + 2 * down)), d2 = L.Subtract(L.Load(m + 3 * down), L.Load(m + 4 * down));
        first = L.MultiplyAdd(d2, L.Broadcast(2), d1);
        second = L.Add(L.MultiplyAdd(d2, L.Broadcast(8), d1), L.Load(m + 5 * down));
    }

    // m·A of a row of six, with what is done to each result.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gathered<L, V>(V m0, V m1, V m2, V m3, V m4, V m5, V bias, V floor, float* to) where L : struct, Gemm.ILanes<V> where V : struct
    {
        int strip = 2 * L.Width;
        V s1 = L.Add(m1, m2), d1 = L.Subtract(m1, m2), s2 = L.Add(m3, m4), d2 = L.Subtract(m3, m4);
        L.Store(L.Max(L.Add(L.Add(L.Add(m0, s1), s2), bias), floor), to);
        L.Store(L.Max(L.Add(L.MultiplyAdd(d2, L.Broadcast(2), d1), bias), floor), to + strip);
        L.Store(L.Max(L.Add(L.MultiplyAdd(s2, L.Broadcast(4), s1), bias), floor), to + 2 * strip);
        L.Store(L.Max(L.Add(L.Add(L.MultiplyAdd(d2, L.Broadcast(8), d1), m5), bias), floor), to + 3 * strip);
    }

    /// <summary>A·dy·Aᵀ for a row of tiles and one strip of filters.</summary>
    /// <param name="dy">Four rows of pixels, each of which is a strip.</param>
    /// <param name="row">From one row of dy to the next.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="channels">Of the strip: where one vector has them all, the other is left alone.</param>
    /// <param name="to">A strip for each tile, for each of the 36 products.</param>
    /// <param name="step">From one product to the next.</param>
    public static void Gradient(float* dy, nint row, int tiles, int channels, float* to, nint step)
    {
        if (Vector512.IsHardwareAccelerated) Gradient<Gemm.Lanes512, Vector512<float>>(dy, row, tiles, channels, to, step);
        else if (Gemm.Lanes256.IsFast) Gradient<Gemm.Lanes256, Vector256<float>>(dy, row, tiles, channels, to, step);
        else Gradient<Gemm.Lanes128, Vector128<float>>(dy, row, tiles, channels, to, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradient<L, V>(float* dy, nint row, int tiles, int channels, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        int strip = 2 * L.Width;
        V two = L.Broadcast(2), four = L.Broadcast(4), eight = L.Broadcast(8), zero = L.Broadcast(0);
        for (int i = 0; i < 2 * tiles; i += channels > L.Width ? 1 : 2)
        {
            float* from = dy + (i >> 1) * Tile * strip + (i & 1) * L.Width, target = to + i * L.Width;
            Widen<L, V>(L.Load(from), L.Load(from + strip), L.Load(from + 2 * strip), L.Load(from + 3 * strip), target, step);
            float* last = from + 3 * row;
            Widen<L, V>(L.Load(last), L.Load(last + strip), L.Load(last + 2 * strip), L.Load(last + 3 * strip), target + 5 * Reach * step, step);
            for (int pair = 0; pair < 2; pair++)
            {
                // The halves whose sum and difference are rows 1 and 2, and rows 3 and 4.
                V even2 = pair == 0 ? L.Broadcast(1) : four, odd1 = pair == 0 ? L.Broadcast(1) : two, odd3 = pair == 0 ? L.Broadcast(1) : eight;
                V a0 = Even(from), a1 = Even(from + strip), a2 = Even(from + 2 * strip), a3 = Even(from + 3 * strip);
                V b0 = Odd(from), b1 = Odd(from + strip), b2 = Odd(from + 2 * strip), b3 = Odd(from + 3 * strip);
                float* at = target + (1 + 2 * pair) * Reach * step;
                Widen<L, V>(L.Add(a0, b0), L.Add(a1, b1), L.Add(a2, b2), L.Add(a3, b3), at, step);
                Widen<L, V>(L.Subtract(a0, b0), L.Subtract(a1, b1), L.Subtract(a2, b2), L.Subtract(a3, b3), at + Reach * step, step);

                [MethodImpl(MethodImplOptions.AggressiveInlining)]
                V Even(float* d) => L.MultiplyAdd(L.Load(d + 2 * row), even2, L.Load(d));

                [MethodImpl(MethodImplOptions.AggressiveInlining)]
                V Odd(float* d) => L.MultiplyAdd(L.Load(d + 3 * row), odd3, L.MultiplyAdd(L.Load(d + row), odd1, zero));
            }
        }
    }

    // d·Aᵀ of a row of four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen<L, V>(V d0, V d1, V d2, V d3, float* to, nint step) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V even = L.Add(d0, d2), odd = L.Add(d1, d3);
        L.Store(d0, to);
        L.Store(L.Add(even, odd), to + step);
        L.Store(L.Subtract(even, odd), to + 2 * step);
        even = L.MultiplyAdd(d2, L.Broadcast(4), d0);
        odd = L.MultiplyAdd(d3, L.Broadcast(8), L.Add(d1, d1));
        L.Store(L.Add(even, odd), to + 3 * step);
        L.Store(L.Subtract(even, odd), to + 4 * step);
        L.Store(d3, to + 5 * step);
    }

    /// <summary>dw = Gᵀ·m·G or dw += Gᵀ·m·G for one filter and one strip of channels.</summary>
    /// <param name="m">A strip for each of the 36 products.</param>
    /// <param name="step">From one product to the next.</param>
    /// <param name="dw">A strip for each of the nine taps.</param>
    /// <param name="tap">From one tap to the next.</param>
    /// <param name="accumulate">Add to what dw holds.</param>
    public static void Weight(float* m, nint step, float* dw, nint tap, bool accumulate)
    {
        if (Vector512.IsHardwareAccelerated) Weight<Gemm.Lanes512, Vector512<float>>(m, step, dw, tap, accumulate);
        else if (Gemm.Lanes256.IsFast) Weight<Gemm.Lanes256, Vector256<float>>(m, step, dw, tap, accumulate);
        else Weight<Gemm.Lanes128, Vector128<float>>(m, step, dw, tap, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Weight<L, V>(float* m, nint step, float* dw, nint tap, bool accumulate) where L : struct, Gemm.ILanes<V> where V : struct
    {
        float* rows = stackalloc float[3 * Reach * L.Width];
        for (int half = 0; half < 2; half++, m += L.Width, dw += L.Width)
        {
            for (int j = 0; j < Reach; j++)
            {
                float* from = m + j * step;
                nint down = Reach * step;
                Narrow<L, V>(L.Load(from), L.Load(from + down), L.Load(from + 2 * down), L.Load(from + 3 * down), L.Load(from + 4 * down), L.Load(from + 5 * down),
                    rows + j * L.Width, Reach * L.Width, false);
            }
            for (int r = 0; r < 3; r++)
            {
                float* from = rows + r * Reach * L.Width;
                Narrow<L, V>(L.Load(from), L.Load(from + L.Width), L.Load(from + 2 * L.Width), L.Load(from + 3 * L.Width), L.Load(from + 4 * L.Width), L.Load(from + 5 * L.Width),
                    dw + 3 * r * tap, tap, accumulate);
            }
        }
    }

    // Gᵀ·m of a column of six.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow<L, V>(V m0, V m1, V m2, V m3, V m4, V m5, float* to, nint step, bool accumulate) where L : struct, Gemm.ILanes<V> where V : struct
    {
        V zero = L.Broadcast(0), sixth = L.Broadcast(1f / 6), minusSixth = L.Broadcast(-1f / 6);
        V inner = L.Add(m1, m2), outer = L.Add(m3, m4), start0 = accumulate ? L.Load(to) : zero, start1 = accumulate ? L.Load(to + step) : zero, start2 = accumulate ? L.Load(to + 2 * step) : zero;
        L.Store(L.Add(start0, L.MultiplyAdd(m0, L.Broadcast(0.25f), L.MultiplyAdd(inner, minusSixth, L.MultiplyAdd(outer, L.Broadcast(1f / 24), zero)))), to);
        L.Store(L.Add(start1, L.MultiplyAdd(L.Subtract(m2, m1), sixth, L.MultiplyAdd(L.Subtract(m3, m4), L.Broadcast(1f / 12), zero))), to + step);
        L.Store(L.Add(start2, L.MultiplyAdd(L.Subtract(outer, inner), sixth, m5)), to + 2 * step);
    }
}
