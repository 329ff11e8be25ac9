namespace Engine.Kernels;

// Sine and cosine of any float in integers and Float32, since a GPU may have no doubles.
internal static partial class FloatMath
{
    /// <summary>sin x: ±sin r or ±cos r, by the quarter of a turn that x lies nearest to.</summary>
    public static float Sin(float x)
    {
        int quarter = 0;
        float r = Reduce(x, ref quarter);
        float y = (quarter & 1) == 0 ? SinNearZero(r) : CosNearZero(r);
        return (quarter & 2) == 0 ? y : -y;
    }

    /// <summary>cos x = sin(x + π/2).</summary>
    public static float Cos(float x)
    {
        int quarter = 0;
        float r = Reduce(x, ref quarter);
        float y = (quarter & 1) == 0 ? CosNearZero(r) : SinNearZero(r);
        return ((quarter + 1) & 2) == 0 ? y : -y;
    }

    /// <summary>x = quarter · π/2 + r with |r| ≤ π/4, quarter modulo 4: for x = m·2ᵏ only the bits of 2/π from the (k − 1)th on count, and 96
    /// of them leave r right to its last bit.</summary>
    /// <remarks>Source: Payne and Hanek 1983, "Radian reduction for trigonometric functions", doi:10.1145/1057600.1057602.</remarks>
    private static float Reduce(float x, ref int quarter)
    {
        int bits = BitConverter.SingleToInt32Bits(x), exponent = (bits >> 23) & 255;
        if (exponent == 255) return float.NaN;
        if ((bits & int.MaxValue) <= QuarterPiBits) return x;
        ulong m = (ulong)(uint)((bits & 0x7FFFFF) | 0x800000);
        int from = exponent - 120, word = from >> 5, shift = from & 31;
        ulong a = TwoOverPi(word), b = TwoOverPi(word + 1), c = TwoOverPi(word + 2), d = TwoOverPi(word + 3);
        ulong high = (((a << 32) | b) << shift) | ((c << shift) >> 32), low = (((c << 32) | d) << shift) >> 32;
        ulong turns = m * high + ((m * low) >> 32);                 // in units of 2⁻⁶² quarters
        quarter = (int)(turns >> 62) + (int)((turns >> 61) & 1UL);
        float r = (long)(turns << 2) * 8.515303e-20f;               // π/2 · 2⁻⁶⁴
        if (bits >= 0) return r;
        quarter = -quarter;
        return -r;
    }

    /// <summary>The bits of π/4.</summary>
    private const int QuarterPiBits = 0x3F490FDB;

    /// <summary>The bits of 2/π, 32 at a time, after 32 zeros.</summary>
    private static ulong TwoOverPi(int word)
    {
        if (word == 0) return 0UL;
        if (word == 1) return 0xA2F9836EUL;
        if (word == 2) return 0x4E441529UL;
        if (word == 3) return 0xFC2757D1UL;
        if (word == 4) return 0xF534DDC0UL;
        if (word == 5) return 0xDB629599UL;
        if (word == 6) return 0x3C439041UL;
        return 0xFE5163ABUL;
    }

    // The Taylor polynomials: the first terms left out are 2·10⁻⁹ and 10⁻¹⁰ at π/4.
    private static float SinNearZero(float r)
    {
        float r2 = r * r;
        return r * (1f + r2 * (-1f / 6 + r2 * (1f / 120 + r2 * (-1f / 5040 + r2 * (1f / 362880)))));
    }

    private static float CosNearZero(float r)
    {
        float r2 = r * r;
        return 1f + r2 * (-1f / 2 + r2 * (1f / 24 + r2 * (-1f / 720 + r2 * (1f / 40320 + r2 * (-1f / 3628800)))));
    }
}
