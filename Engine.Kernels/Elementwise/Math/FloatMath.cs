namespace Engine.Kernels;

/// <summary>Functions in Float32 for GPU kernels: the same polynomials on every device, since the devices' own differ in accuracy by hundreds of
/// roundings (CUDA's through ILGPU are the fast approximations). <see cref="VectorMath"/> has the same formulas for the processor,
/// but for tanh and the sigmoid with AVX-512.</summary>
/// <remarks>NaN is tested first: an ordered compare of a NaN is wrong on OpenCL.</remarks>
internal static partial class FloatMath
{
    /// <summary>ln 2 in two parts, the upper of so few bits that its product with an exponent is exact. Source: Cody and Waite 1980.</summary>
    public const float Ln2High = 0.693359375f, Ln2Low = -2.1219444e-4f;
    public const float Log2E = 1.442695041f;

    /// <summary>Beyond these eˣ is 0 or ∞.</summary>
    public const float ExpLeast = -104f, ExpMost = 89f;

    /// <summary>1/√2π.</summary>
    public const float InverseRootTwoPi = 0.3989422804f;

    public const float RootTwo = 1.4142135624f;

    /// <summary>2/√π.</summary>
    public const float TwoOverRootPi = 1.1283791671f;

    /// <summary>eʳ = 1 + r + r²(E2 + E3 r + … + E6 r⁴) for |r| ≤ ½ ln 2: our least-squares fit, reweighted towards equal relative error, 3·10⁻⁹.</summary>
    public const float E2 = 0.499999934321f, E3 = 0.166665203912f, E4 = 0.0416683907613f, E5 = 0.00836874583669f, E6 = 0.00138145427814f;

    /// <summary>Φ(−u) = e^(−u²/2) P(u)/Q(u) with Q(0) = 1: our least-squares fit, reweighted towards equal relative error, 6·10⁻⁹ for u up to 14.6. No
    /// coefficient is below 0, so nothing cancels.</summary>
    public const float P0 = 0.500000002981f, P1 = 0.43849307864f, P2 = 0.183381974032f, P3 = 0.0406827410826f, P4 = 0.00412366258222f,
        Q1 = 1.67487114308f, Q2 = 1.20311293448f, Q3 = 0.469858279626f, Q4 = 0.10198288829f, Q5 = 0.0103363711512f;

    /// <summary>Beyond it e^(−u²/2) is 0.</summary>
    public const float TailEnd = 20f;

    /// <summary>eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2, and a polynomial for eʳ.</summary>
    public static float Exp(float x)
    {
        if (float.IsNaN(x)) return x;
        if (x > ExpMost) x = ExpMost;
        if (x < ExpLeast) x = ExpLeast;
        int n = (int)(x * Log2E + (x < 0f ? -0.5f : 0.5f));
        float r = x - n * Ln2High - n * Ln2Low;
        float p = 1f + r * (1f + r * (E2 + r * (E3 + r * (E4 + r * (E5 + r * E6)))));
        int half = n >> 1;                                          // 2ⁿ alone may be too small or too large for a float
        return p * Power2(half) * Power2(n - half);
    }

    /// <summary>ln x = n ln 2 + ln m with m in [√½, √2), and ln m = 2 artanh s = 2(s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1).</summary>
    public static float Log(float x)
    {
        if (float.IsNaN(x)) return x;
        if (x < 0f) return float.NaN;
        if (x == 0f) return float.NegativeInfinity;
        if (x > float.MaxValue) return x;
        int n = 0;
        if (x < LeastNormal)
        {
            x *= 8388608f;
            n = -23;
        }
        int bits = BitConverter.SingleToInt32Bits(x);
        int exponent = (bits - RootHalfBits) >> 23;
        n += exponent;
        float f = BitConverter.Int32BitsToSingle(bits - (exponent << 23)) - 1f;
        float s = f / (2f + f), s2 = s * s;
        // 2s = f − s f, so that the leading term is exact.
        float rest = s2 * (2f / 3 + s2 * (2f / 5 + s2 * (2f / 7 + s2 * (2f / 9))));
        return n * Ln2High + (f - (s * (f - rest) - n * Ln2Low));
    }

    /// <summary>2⁻¹²⁶, the least float of 24 bits.</summary>
    public const float LeastNormal = 1.17549435e-38f;

    /// <summary>The bits of √½.</summary>
    public const int RootHalfBits = 0x3F3504F3;

    /// <summary>1/(1 + e⁻ˣ), with its accuracy kept far below 0.</summary>
    public static float Sigmoid(float x)
    {
        if (float.IsNaN(x)) return x;
        float e = Exp(-MathF.Abs(x));
        return (x < 0f ? e : 1f) / (1f + e);
    }

    /// <summary>tanh |x| = (1 − t)/(1 + t) with t = e^(−2|x|); below ¼ the Taylor polynomial.</summary>
    public static float Tanh(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = MathF.Abs(x);
        if (u < 0.25f)
        {
            float x2 = x * x;
            return x * (1f + x2 * (-1f / 3 + x2 * (2f / 15 + x2 * (-17f / 315 + x2 * (62f / 2835)))));
        }
        float t = Exp(-2f * u), y = (1f - t) / (1f + t);
        return x < 0f ? -y : y;
    }

    /// <summary>Φ(x), the normal distribution function, with its relative accuracy kept far below 0.</summary>
    public static float NormalCdf(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = MathF.Abs(x);
        if (u > TailEnd) u = TailEnd;
        float p = P0 + u * (P1 + u * (P2 + u * (P3 + u * P4))), q = 1f + u * (Q1 + u * (Q2 + u * (Q3 + u * (Q4 + u * Q5))));
        float tail = Exp(-0.5f * x * x) * (p / q);
        return x > 0f ? 1f - tail : tail;
    }

    /// <summary>φ(x) = e^(−x²/2)/√2π, the normal density.</summary>
    public static float NormalPdf(float x) => Exp(-0.5f * x * x) * InverseRootTwoPi;

    /// <summary>eˣ − 1, for |x| below ½ by its Taylor polynomial, whose first term left out is 10⁻⁸.</summary>
    public static float Expm1(float x)
    {
        if (float.IsNaN(x)) return x;
        if (MathF.Abs(x) >= 0.5f) return Exp(x) - 1f;
        return x * (1f + x * (1f / 2 + x * (1f / 6 + x * (1f / 24 + x * (1f / 120 + x * (1f / 720 + x * (1f / 5040 + x * (1f / 40320))))))));
    }

    /// <summary>ln(1 + eˣ) = max(x, 0) + ln(1 + u) with u = e^(−|x|), and ln(1 + u) = 2 artanh s with s = u/(2 + u) ≤ ⅓.</summary>
    public static float Softplus(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = Exp(-MathF.Abs(x)), s = u / (2f + u), s2 = s * s;
        float rest = s2 * (2f / 3 + s2 * (2f / 5 + s2 * (2f / 7 + s2 * (2f / 9 + s2 * (2f / 11 + s2 * (2f / 13 + s2 * (2f / 15)))))));
        return (x > 0f ? x : 0f) + s * (2f + rest);
    }

    /// <summary>tanh(ln(1 + eˣ)) = n/(n + 2) with n = e²ˣ + 2eˣ, above 0 with both divided by e²ˣ.</summary>
    public static float TanhSoftplus(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = Exp(-MathF.Abs(x));
        return x > 0f ? (1f + 2f * u) / (1f + 2f * u * (1f + u)) : u * (2f + u) / (2f + u * (2f + u));
    }

    /// <summary>erf x = ±(1 − 2Φ(−√2 |x|)); below ½ the Taylor polynomial.</summary>
    public static float Erf(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = MathF.Abs(x);
        if (u < 0.5f)
        {
            float x2 = x * x;
            return x * TwoOverRootPi * (1f + x2 * (-1f / 3 + x2 * (1f / 10 + x2 * (-1f / 42 + x2 * (1f / 216 + x2 * (-1f / 1320 + x2 * (1f / 9360)))))));
        }
        float y = 1f - 2f * NormalCdf(-RootTwo * u);
        return x < 0f ? -y : y;
    }

    /// <summary>The nearest whole number, the even one of two.</summary>
    public static float Round(float x)
    {
        if (float.IsNaN(x)) return x;
        float u = MathF.Abs(x);
        if (u >= 8388608f) return x;                                // 2²³: whole, every one
        float y = MathF.Floor(u), rest = u - y;
        if (rest > 0.5f || (rest == 0.5f && MathF.Floor(0.5f * y) != 0.5f * y)) y += 1f;
        return BitConverter.SingleToInt32Bits(x) < 0 ? -y : y;
    }

    /// <summary>xᵃ = ±e^(a ln |x|), with the special values of IEEE 754.</summary>
    public static float Pow(float x, float a)
    {
        if (a == 0f || x == 1f) return 1f;
        if (float.IsNaN(x) || float.IsNaN(a)) return float.NaN;
        if (a == 1f) return x;
        if (a == 2f) return x * x;
        if (a == 3f) return x * x * x;
        float u = MathF.Abs(x);
        if (u == 1f && MathF.Abs(a) > float.MaxValue) return 1f;
        bool whole = MathF.Floor(a) == a;
        if (x < 0f && u <= float.MaxValue && !whole) return float.NaN;
        float y = Exp(a * Log(u));
        bool odd = whole && MathF.Floor(0.5f * a) != 0.5f * a;
        return odd && BitConverter.SingleToInt32Bits(x) < 0 ? -y : y;
    }

    private static float Power2(int n) => BitConverter.Int32BitsToSingle((n + 127) << 23);
}
