using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Functions of the normal distribution left of 0, f(−u), in pieces: a polynomial about each eighth from 0 to 31/8, whose coefficients AVX-512 picks out of two registers each.
/// It takes neither an exponential nor a quotient, a third of the time.</summary>
/// <remarks>f's derivatives are φ times Hermite polynomials. The fifth term of Taylor's series is economized, d⁵ ≈ 5/4 h² d³ − 5/16 h⁴ d for |d| ≤ h: what is left out is below
/// 4·10⁻⁷ of Φ, below 10⁻⁸ from −1 on. Source: Abramowitz and Stegun, 22.3 and 26.2.</remarks>
internal static unsafe class NormalPieces
{
    /// <summary>Pieces are for u below it.</summary>
    public const float End = 31.5f / 8;

    private const int Pieces = 32, Terms = 5;
    private const double Half = 1.0 / 16;

    /// <summary>A sum with it is rounded to eighths, and they are counted in its lowest bits.</summary>
    private const float Eighths = 1.5f * (1 << 20);

    // For good: 640 bytes each, at whole cache lines.
    private static readonly float* cdf = Make(derivative: false), geluDerivative = Make(derivative: true);

    /// <summary>Φ(−u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cdf(Vector512<float> u) => At(cdf, u);

    /// <summary>Φ(−u) − u φ(u), the derivative of x Φ(x) at −u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluDerivative(Vector512<float> u) => At(geluDerivative, u);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> At(float* terms, Vector512<float> u)
    {
        var sum = u + Vector512.Create(Eighths);
        var d = u - (sum - Vector512.Create(Eighths));
        var piece = sum.AsInt32();
        var y = Term(terms, 4, piece);
        for (int k = Terms - 2; k >= 0; k--) y = Vector512.MultiplyAddEstimate(y, d, Term(terms, k, piece));
        return y;
    }

    /// <summary>Each lane's coefficient; of a lane's bits the lowest five count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Term(float* terms, int k, Vector512<int> piece)
        => Avx512F.PermuteVar16x32x2(Vector512.LoadAligned(terms + k * Pieces), piece, Vector512.LoadAligned(terms + k * Pieces + Pieces / 2));

    private static float* Make(bool derivative)
    {
        float* terms = (float*)NativeMemory.AlignedAlloc(Terms * Pieces * sizeof(float), 64);
        Span<double> hermite = stackalloc double[Terms + 2], t = stackalloc double[Terms + 1];
        for (int piece = 0; piece < Pieces; piece++)
        {
            double u = piece / 8.0, density = DoubleMath.NormalPdf(u), factorial = 1;
            (hermite[0], hermite[1]) = (1, u);
            for (int k = 1; k <= Terms; k++) hermite[k + 1] = u * hermite[k] - k * hermite[k - 1];
            t[0] = DoubleMath.NormalCdf(-u) - (derivative ? u * density : 0);
            for (int k = 1; k <= Terms; k++)
            {
                factorial *= -k;
                t[k] = density * (hermite[k - 1] - (derivative ? hermite[k + 1] : 0)) / factorial;
            }
            t[3] += 5 / 4.0 * Half * Half * t[5];
            t[1] -= 5 / 16.0 * Math.Pow(Half, 4) * t[5];
            for (int k = 0; k < Terms; k++) terms[k * Pieces + piece] = (float)t[k];
        }
        return terms;
    }
}
