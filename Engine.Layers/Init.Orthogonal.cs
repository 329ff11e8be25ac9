using System.Runtime.Intrinsics;
using Engine.Core;

namespace Engine.Layers;

public sealed partial class Init
{
    /// <summary>gain times a matrix whose rows, or columns where there are fewer of them, are at right angles and of length 1, each such matrix being as likely
    /// as the others. A weight (out, in, …kernel) is taken as (out, rest).</summary>
    /// <param name="gain">The length.</param>
    /// <exception cref="ArgumentOutOfRangeException">gain is not finite.</exception>
    /// <exception cref="ShapeException">When drawn: the weight has fewer than two axes.</exception>
    /// <remarks>The Q of the QR of a normal matrix, by Gram and Schmidt's process in double, each vector gone over twice, which makes R's diagonal
    /// positive. Sources: Saxe, McClelland and Ganguli 2013, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050, for the likelihood.</remarks>
    public static Init Orthogonal(double gain = 1)
    {
        if (!double.IsFinite(gain)) throw new ArgumentOutOfRangeException(nameof(gain), gain, "It is finite.");
        return new((shape, rng) =>
        {
            if (shape.Rank < 2) throw new ShapeException($"A weight of shape {shape} has no rows to be at right angles: it needs (out, in, …). Give it Init.Uniform or Init.Constant.");
            int rows = shape[0], columns = shape.Product(1, shape.Rank);
            bool wide = rows <= columns;
            var (count, length) = wide ? (rows, columns) : (columns, rows);
            double[][] vectors = Perpendicular(count, length, rng);
            var numbers = new double[shape.Count];
            for (int i = 0; i < count; i++)
                for (int j = 0; j < length; j++) numbers[wide ? i * columns + j : j * columns + i] = gain * vectors[i][j];
            return Tensor.From(numbers, shape);
        });
    }

    /// <summary>Vectors at right angles to one another, of length 1; no more of them than they are long.</summary>
    private static double[][] Perpendicular(int count, int length, Rng rng)
    {
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] v;
            double size;
            do
            {
                v = Tensor.Normal([length], rng).ToArray<double>();
                double before = Math.Sqrt(Dot(v, v));
                for (int pass = 0; pass < 2; pass++)
                    for (int j = 0; j < i; j++) Subtract(Dot(v, vectors[j]), vectors[j], v);
                size = Math.Sqrt(Dot(v, v));
                if (!(size > 1e-12 * before)) size = 0;             // it lay among the others, but for rounding
            }
            while (size == 0);
            for (int k = 0; k < length; k++) v[k] /= size;
            vectors[i] = v;
        }
        return vectors;
    }

    // Four lanes on every machine, so that the bits do not depend on its vectors.
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector256<double>.Zero;
        int i = 0;
        for (; i + 4 <= a.Length; i += 4) sums += Vector256.Create(a.Slice(i, 4)) * Vector256.Create(b.Slice(i, 4));
        double sum = Vector256.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Subtract(double factor, ReadOnlySpan<double> from, Span<double> v)
    {
        int i = 0;
        for (; i + 4 <= v.Length; i += 4) (Vector256.Create((ReadOnlySpan<double>)v.Slice(i, 4)) - factor * Vector256.Create(from.Slice(i, 4))).CopyTo(v[i..]);
        for (; i < v.Length; i++) v[i] -= factor * from[i];
    }
}
