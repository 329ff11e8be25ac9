using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>The few queries of a head, through all keys that they see, which are read where they lie: for each tile of keys the scores, then the running
    /// softmax. With m the largest score so far, l = Σ exp(s − m) and a = Σ exp(s − m) v; where a tile brings a larger m, l and a are multiplied by exp(old m − new m).</summary>
    private static void AttendFew(in AttentionRows x, HeadRows y, float* softmax, int b, int h)
    {
        var z = x.Sizes;
        int rows = z.T, g = h / z.Group, across = WholeColumns(z.E), height = Gemm.Even(rows, Gemm.TileRows), step = rows == 1 ? 1 : (rows + 3) & ~3;
        float* s = Gemm.Scratch.Take(rows * (KeyTile + Width + 1 + across) + KeyTile * (2 + FewQueries + Gemm.TileColumns)), weights = s + rows * KeyTile, room = weights + FewQueries * KeyTile;
        float* kept = room + KeyTile, tail = kept + KeyTile, sums = tail + KeyTile * Gemm.TileColumns, results = sums + rows * Width, largest = results + rows * across;
        new Span<float>(largest, rows).Fill(float.NegativeInfinity);
        new Span<float>(sums, rows * (Width + across)).Clear();
        int keys = x.Seen(b, rows - 1);
        for (int j = 0; j < keys; j += KeyTile)
        {
            int columns = Math.Min(KeyTile, keys - j);
            for (int i = 0; i < rows; i += Gemm.FewVectors)
                Gemm.Multiply(x.Q.At(b, h, i), (int)x.Q.Row, 1, x.K.At(b, g, j), 1, (int)x.K.Row, s + i * KeyTile, KeyTile, Math.Min(Gemm.FewVectors, rows - i), columns, z.D, false);
            for (int i = 0; i < rows; i++)
            {
                float* row = s + i * KeyTile;
                float most = MathF.Max(largest[i], x.Score(row, b, h, i, j, columns, room));
                RunSoftmax(row, columns, largest[i], most, sums + i * Width, results + i * across, across);
                largest[i] = most;
                if (z.Dropout == 0) continue;
                x.Draw(kept, b, h, i, j, columns);
                Multiply(row, kept, columns);
            }
            if (step > 1) Gemm.Pack(s, KeyTile, 1, rows, step, columns, weights);
            for (int c = 0; c < z.E; c += Gemm.TileColumns)
            {
                float* v = x.V.At(b, g, j) + c;
                nint vStep = x.V.Row;
                if (z.E - c < Gemm.TileColumns)
                {
                    // Whole vectors must not leave the values.
                    Gemm.Pack(v, 1, vStep, z.E - c, Gemm.TileColumns, columns, tail);
                    v = tail;
                    vStep = Gemm.TileColumns;
                }
                for (int i = 0; i < rows; i += height)
                    Gemm.Tile(Math.Min(height, rows - i), z.E - c, columns, (step > 1 ? weights : s) + i, step, v, vStep, results + i * across + c, across, true);
            }
        }
        for (int i = 0; i < rows; i++) EndRow(results + i * across, Vector512.Sum(Vector512.Load(sums + i * Width)), largest[i], y.At(b, h, i), z.E, softmax + 2 * i);
    }

    /// <summary>y = a / l, and what backward reads of it: m and 1/l, or ∞ and 0 for a query that sees no key.</summary>
    private static void EndRow(float* results, float sum, float largest, float* y, int count, float* softmax)
    {
        float inverse = sum == 0 ? 0 : 1 / sum;
        Scale(results, inverse, y, count);
        softmax[0] = sum == 0 ? float.PositiveInfinity : largest;
        softmax[1] = inverse;
    }

    /// <summary>s ← exp(s − most), which is added to a vector of sums; what was gathered under another largest score is related to this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSoftmax(float* s, int keys, float before, float most, float* sums, float* results, int across)
    {
        float shift = float.IsNegativeInfinity(most) ? 0 : most;    // none seen yet: exp(−∞ − 0), and not of ∞ − ∞
        var sum = Vector512.Load(sums);
        if (before != most && !float.IsNegativeInfinity(before))
        {
            var factor = Vector512.Create(MathF.Exp(before - shift));
            sum *= factor;
            for (int c = 0; c < across; c += Width) (Vector512.Load(results + c) * factor).Store(results + c);
        }
        var subtracted = Vector512.Create(shift);
        for (int j = 0; j < keys; j += Width)
        {
            var p = VectorMath.Exp(Vector512.Load(s + j) - subtracted);
            p.Store(s + j);
            sum += p;
        }
        sum.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* x, float* by, int count)
    {
        for (int i = 0; i < count; i += Width) (Vector512.Load(x + i) * Vector512.Load(by + i)).Store(x + i);
    }
}
