using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Some queries of a head, a panel at a time, through all keys that they see. A query has a lane of its own, its scores stand below one another,
    /// and the largest and the sum of each are found without a sum across lanes; where the weights lie is where the product with the values reads them. The
    /// running softmax is that of <see cref="AttendFew"/>. Keys and values that nobody has packed it packs.</summary>
    private static void AttendBlock(in AttentionRows x, in PackedKeys layout, float* packed, HeadRows y, float* softmax, int b, int h, int first, int rows, ref RowsAhead ahead)
    {
        var z = x.Sizes;
        int g = h / z.Group, across = WholeColumns(z.E), whole = Parts(rows, QueryPanel) * QueryPanel, height = layout.Height, own = packed is null ? layout.Length : 0;
        float* s = Gemm.Scratch.Take(QueryPanel * (3 * KeyTile + 1) + whole * (z.D + 2) + rows * across + own), room = s + QueryPanel * KeyTile, factors = room + 2 * QueryPanel * KeyTile;
        float* largest = factors + QueryPanel, sums = largest + whole, q = sums + whole, results = q + whole * z.D;
        if (packed is null)
        {
            packed = results + rows * across;
            for (int j = 0; j < z.S; j += KeyTile) layout.Fill(x, b, g, j, packed);
        }
        new Span<float>(largest, whole).Fill(float.NegativeInfinity);
        new Span<float>(sums, whole).Clear();
        Gemm.Pack(x.Q.At(b, h, first), x.Q.Row, 1, rows, Gemm.TileColumns, z.D, q);
        int keys = x.Seen(b, first + rows - 1);
        if (x.Seen(b, first) == 0) new Span<float>(results, rows * across).Clear();     // some may see none
        for (int j = 0; j < keys; j += KeyTile)
            for (int top = 0; top < rows; top += QueryPanel)
            {
                int count = Math.Min(QueryPanel, rows - top), lanes = Parts(count, Width) * Width, columns = Math.Min(KeyTile, x.Seen(b, first + top + count - 1) - j);
                if (columns <= 0) continue;
                for (int k = 0; k < columns; k += height)
                    for (int c = 0; c < lanes; c += Gemm.TileColumns)
                    {
                        ahead.Ask();
                        Gemm.Tile(Math.Min(height, columns - k), lanes - c, z.D, layout.Keys(packed, j) + (nint)k * z.D, height, q + (nint)(top + c) * z.D, Gemm.TileColumns,
                            s + k * QueryPanel + c, QueryPanel, false);
                    }
                float* added = x.AddedColumns(b, h, first + top, count, j, columns, room, out int step);
                for (int c = 0; c < lanes; c += Width)
                {
                    x.Softmax(s + c, first + top + c, j, columns, step > 0 ? added + c : added, step, largest + top + c, sums + top + c, factors + c);
                    if (z.Dropout > 0) x.Drop(s + c, b, h, first + top + c, j, columns);
                }
                float* sum = results + top * across;
                for (int i = 0; j > 0 && i < count; i++)
                    if (factors[i] != 1) Scale(sum + i * across, factors[i], sum + i * across, across);
                int tall = Gemm.Even(count, Gemm.TileRows);
                for (int c = 0; c < z.E; c += Gemm.TileColumns)
                {
                    float* values = layout.Values(x, b, g, j, c, packed, out nint valueStep);
                    for (int i = 0; i < count; i += tall)
                    {
                        ahead.Ask();
                        Gemm.Tile(Math.Min(tall, count - i), z.E - c, columns, s + i, QueryPanel, values, valueStep, sum + i * across + c, across, j > 0);
                    }
                }
            }
        for (int i = 0; i < rows; i++) EndRow(results + i * across, sums[i], largest[i], y.At(b, h, first + i), z.E, softmax + 2 * i);
    }
}
